/** How footage stays while somebody reads it: counted leases that end by themselves when their reader is gone. */
import type { Clock } from '../clock.ts';
import { newId } from '../ids.ts';
import { readLease } from '../store/lease-queries.ts';
import type { LeasePurpose } from '../store/leases.ts';
import type { Store } from '../store/store.ts';

export interface Lease {
  readonly id: string;
  /** Those of the segments asked for that exist; they stay while the lease is in force. */
  readonly segmentIds: readonly string[];
  /**
   * Moves its end to `ttlMs` from now, by default as long as at first. False: it had run out, so that segments may be gone;
   * take another.
   */
  renew(ttlMs?: number): Promise<boolean>;
  /** May be called twice. */
  release(): Promise<void>;
}

export interface Leases {
  /**
   * Protects segments from retention for `ttlMs`, in one write. Any number of readers may hold a segment; it stays until the last
   * lease on it ends. With an `id` of the caller's own, the lease of that id is replaced.
   */
  take(segmentIds: readonly string[], purpose: LeasePurpose, ttlMs: number, id?: string): Promise<Lease>;
  /** One that an earlier process took and that is in force; undefined: take another. */
  resume(id: string, ttlMs: number): Lease | undefined;
  /** For the start: ends the leases of processes that are gone, but for those of sessions. */
  endForeign(): Promise<void>;
  /** Deletes what has run out, in bounded steps. */
  sweep(signal?: AbortSignal): Promise<void>;
}

/** Rows a step: some milliseconds of the writer. */
const stepRows = 500;

export function createLeases(options: {
  store: Pick<Store, 'read' | 'write'>;
  clock: Pick<Clock, 'now'>;
}): Leases {
  const { store, clock } = options;
  const held = (id: string, segmentIds: readonly string[], ttlMs: number): Lease => ({
    id,
    segmentIds,
    renew: (newTtlMs = ttlMs) => store.write('leases.renew', { id, ttlMs: newTtlMs }),
    release: () => store.write('leases.release', { id }),
  });
  return {
    async take(segmentIds, purpose, ttlMs, id = newId('lease', clock.now())) {
      const covered = await store.write('leases.take', { id, purpose, segmentIds, ttlMs });
      return held(id, covered, ttlMs);
    },
    resume(id, ttlMs) {
      const stored = readLease(store.read, id, clock.now());
      return stored && held(id, stored.segmentIds, ttlMs);
    },
    endForeign: () => store.write('leases.end-foreign', undefined),
    async sweep(signal) {
      while (!signal?.aborted && (await store.write('leases.sweep', { limit: stepRows })) >= stepRows);
    },
  };
}
