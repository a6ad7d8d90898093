/** What does a lease that an earlier process took protect? */
import { and, eq, gt } from 'drizzle-orm';
import type { LeasePurpose } from './leases.ts';
import { leases, leaseSegments } from './media-schema.ts';
import type { ReadDb } from './store.ts';

export interface StoredLease {
  readonly purpose: LeasePurpose;
  /** Those that exist. */
  readonly segmentIds: readonly string[];
}

/** Undefined when it is gone, or has run out at `now`, ms. */
export function readLease(db: ReadDb, id: string, now: number): StoredLease | undefined {
  const lease = db
    .select({ purpose: leases.purpose })
    .from(leases)
    .where(and(eq(leases.id, id), gt(leases.expiresAt, now)))
    .get();
  if (lease === undefined) return undefined;
  const rows = db
    .select({ id: leaseSegments.segmentId })
    .from(leaseSegments)
    .where(eq(leaseSegments.leaseId, id))
    .all();
  return { purpose: lease.purpose as LeasePurpose, segmentIds: rows.map((row) => row.id) };
}
