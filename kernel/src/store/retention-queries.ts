/** What retention reads: running totals, and the oldest segments that may go. */
import type { Candidate } from '../recording/retention-plan.ts';
import type { SqliteDatabase } from './database.ts';
import { notLeased } from './leases.ts';

export interface CameraTotals {
  readonly cameraId: string;
  readonly segmentCount: number;
  readonly sizeBytes: number;
  readonly heldBytes: number;
}

/** Whose candidates, in which root, and which of them. */
export interface CandidateRange {
  readonly root: string;
  readonly cameraId: string;
  /** Leases that end later protect, ms. */
  readonly now: number;
}

export interface RetentionQueries {
  /** By camera, without the sum of all; cameras that never recorded are not in it. */
  totals(): CameraTotals[];
  /** A camera's segments in a root that are neither held nor leased, oldest first, read in pages as far as they are asked for. */
  candidates(range: CandidateRange): Generator<Candidate>;
  /** Bytes of segments that ended in hours since `sinceMs`, the first hour in proportion. */
  writtenSince(sinceMs: number): number;
  /** Start of these cameras' oldest segment and end of the newest, ms; null without any. */
  bounds(cameraIds: readonly string[]): { oldest: number | null; newest: number | null };
}

type CandidateRow = Candidate & { readonly startTime: number; readonly row: number };

/** The first page is small, since most questions end there; each next one is twice as large, up to the last. */
const firstPage = 8;
const largestPage = 512;
const hourMs = 3_600_000;

/** Retention's SQL, for tests that ask how it is answered. */
export const candidateSql = `
  SELECT rowid AS row, id, camera_id AS cameraId, root, start_time AS startTime, end_time AS endTime, size_bytes AS sizeBytes
  FROM segments
  WHERE root = ? AND camera_id = ? AND evidence_locked = 0 AND (start_time, rowid) > (?, ?) AND ${notLeased}
  ORDER BY start_time, rowid LIMIT ?`;

export function createRetentionQueries(db: SqliteDatabase): RetentionQueries {
  const totals = db.prepare(
    `SELECT camera_id AS cameraId, segment_count AS segmentCount, size_bytes AS sizeBytes, held_bytes AS heldBytes
     FROM segment_totals WHERE camera_id <> '' ORDER BY camera_id`,
  );
  const page = db.prepare(candidateSql);
  const written = db.prepare('SELECT hour, size_bytes AS sizeBytes FROM written_hours WHERE hour >= ?');
  const oldest = db.prepare(
    'SELECT start_time AS at FROM segments WHERE camera_id = ? ORDER BY start_time LIMIT 1',
  );
  const newest = db.prepare(
    'SELECT end_time AS at FROM segments WHERE camera_id = ? ORDER BY start_time DESC LIMIT 1',
  );
  return {
    totals: () => totals.all() as CameraTotals[],
    *candidates({ root, cameraId, now }) {
      let after: Pick<CandidateRow, 'startTime' | 'row'> = { startTime: Number.MIN_SAFE_INTEGER, row: 0 };
      for (let size = firstPage; ; size = Math.min(2 * size, largestPage)) {
        const rows = page.all(root, cameraId, after.startTime, after.row, now, size) as CandidateRow[];
        yield* rows;
        const last = rows.at(-1);
        if (last === undefined || rows.length < size) return;
        after = last;
      }
    },
    writtenSince(sinceMs) {
      const first = Math.floor(sinceMs / hourMs);
      const rows = written.all(first) as { hour: number; sizeBytes: number }[];
      const share = 1 - (sinceMs - first * hourMs) / hourMs;
      return Math.round(
        rows.reduce((sum, { hour, sizeBytes }) => sum + sizeBytes * (hour === first ? share : 1), 0),
      );
    },
    bounds(cameraIds) {
      const times = (query: typeof oldest) =>
        cameraIds.flatMap((id) => {
          const row = query.get(id) as { at: number } | undefined;
          return row === undefined ? [] : [row.at];
        });
      const [starts, ends] = [times(oldest), times(newest)];
      return {
        oldest: starts.length === 0 ? null : Math.min(...starts),
        newest: ends.length === 0 ? null : Math.max(...ends),
      };
    },
  };
}
