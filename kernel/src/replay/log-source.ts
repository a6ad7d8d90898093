/** Where does a replay take records from? The log of a store, or a tape of one. */
import type { Recorded, StoredRecord } from '../store/recorded-queries.ts';
import type { CameraLife } from '../store/shadow-store.ts';

export interface LogSource {
  /** Ids derive from it. */
  readonly storeId: string;
  readonly cameras: readonly CameraLife[];
  /** Records in log order. Camera ids are filled in. */
  pages(): AsyncIterable<readonly StoredRecord[]> | Iterable<readonly StoredRecord[]>;
}

const pageSize = 1000;

/**
 * The newest part of a log, kept in memory: what was received within `lastMs` of its last record, and the control records before.
 * Lanes begin without state, so it serves to compare two versions of a plugin rather than one with production.
 */
export function recentLogOf(recorded: Recorded, lastMs: number): LogSource {
  const from = Math.max(0, (recorded.bounds?.lastAt ?? 0) - lastMs);
  const rows = recorded.since({ after: 0, limit: Number.MAX_SAFE_INTEGER, from });
  const { storeId, cameras } = recorded;
  return { storeId, cameras, pages: () => [rows] };
}

/** `lane`: records of one lane only; 0: all of the log. */
export function logOf(recorded: Recorded, lane = 0): LogSource {
  return {
    storeId: recorded.storeId,
    cameras: recorded.cameras,
    *pages() {
      for (let seq = 0; ;) {
        const rows = recorded.next(lane, seq, pageSize);
        if (rows.length > 0) yield rows;
        const last = rows.at(-1);
        if (last === undefined || rows.length < pageSize) return;
        seq = last.seq;
      }
    },
  };
}
