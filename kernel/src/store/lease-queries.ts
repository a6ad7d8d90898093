/** Which segments are being read, and by which lease? */
import { and, eq, gt, inArray } from 'drizzle-orm';
import type { LeasePurpose } from './leases.ts';
import { leases, leaseSegments } from './media-schema.ts';
import type { ReadDb } from './store.ts';

/** Which of these segments a lease protects at `now`, ms. Give at most some thousand ids at once. */
export function leasedAmong(db: ReadDb, segmentIds: readonly string[], now: number): Set<string> {
  if (segmentIds.length === 0) return new Set();
  const rows = db
    .selectDistinct({ id: leaseSegments.segmentId })
    .from(leaseSegments)
    .innerJoin(leases, eq(leases.id, leaseSegments.leaseId))
    .where(and(inArray(leaseSegments.segmentId, [...segmentIds]), gt(leases.expiresAt, now)))
    .all();
  return new Set(rows.map(({ id }) => id));
}

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
