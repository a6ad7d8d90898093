/** How the index of recordings is read: every range bounded on both sides, so that its cost does not grow with retention. */
import { and, asc, desc, eq, gt, gte, inArray, lt, lte, type SQL } from 'drizzle-orm';
import { segments, segmentTotals } from './schema.ts';
import type { ReadDb } from './store.ts';

export type SegmentRow = typeof segments.$inferSelect;

/** No segment is longer: the recorder ends a file long before, the indexer cuts what claims more. */
export const maxSegmentMs = 3 * 3_600_000;

/** ms since the epoch; an absent bound is open. */
export interface TimeRange {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** Starts before `to`, ends after `from`. The bound on the start keeps the index scan short. */
function overlapping(cameraId: string, { from, to }: TimeRange): SQL | undefined {
  return and(
    eq(segments.cameraId, cameraId),
    from === undefined ? undefined : gt(segments.startTime, from - maxSegmentMs),
    from === undefined ? undefined : gt(segments.endTime, from),
    to === undefined ? undefined : lt(segments.startTime, to),
  );
}

/** Ascending by start: the oldest `limit` that overlap the range, or without any bound the newest `limit`. */
export function listSegments(db: ReadDb, cameraId: string, range: TimeRange, limit: number): SegmentRow[] {
  const query = db.select().from(segments).where(overlapping(cameraId, range));
  if (range.from === undefined && range.to === undefined)
    return query.orderBy(desc(segments.startTime), desc(segments.id)).limit(limit).all().reverse();
  return query.orderBy(asc(segments.startTime), asc(segments.id)).limit(limit).all();
}

export interface Coverage {
  readonly startTime: number;
  readonly endTime: number;
}

/** Start and end of the segments that overlap the range, ascending by start, in pages. */
export function* coverage(
  db: ReadDb,
  cameraId: string,
  range: TimeRange,
  pageSize = 5000,
): Generator<Coverage[]> {
  let after: { startTime: number; count: number } = { startTime: Number.NEGATIVE_INFINITY, count: 0 };
  for (;;) {
    const page = db
      .select({ startTime: segments.startTime, endTime: segments.endTime })
      .from(segments)
      .where(
        and(
          overlapping(cameraId, range),
          after.count === 0 ? undefined : gt(segments.startTime, after.startTime - 1),
        ),
      )
      .orderBy(asc(segments.startTime), asc(segments.endTime))
      .limit(pageSize)
      .offset(after.count)
      .all();
    if (page.length > 0) yield page;
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) return;
    const inPage = page.filter(({ startTime }) => startTime === last.startTime).length;
    const repeated = after.startTime === last.startTime ? after.count : 0;
    after = { startTime: last.startTime, count: repeated + inPage };
  }
}

/** The segment that is recorded at `at` (ms), its end included; of several the one that starts last. */
export function segmentAt(db: ReadDb, cameraId: string, at: number): SegmentRow | undefined {
  return db
    .select()
    .from(segments)
    .where(
      and(
        eq(segments.cameraId, cameraId),
        gt(segments.startTime, at - maxSegmentMs),
        lte(segments.startTime, at),
        gte(segments.endTime, at),
      ),
    )
    .orderBy(desc(segments.startTime))
    .limit(1)
    .get();
}

/** The segment that starts last before `before` (ms). */
export function lastSegment(db: ReadDb, cameraId: string, before: number): SegmentRow | undefined {
  return db
    .select()
    .from(segments)
    .where(and(eq(segments.cameraId, cameraId), lt(segments.startTime, before)))
    .orderBy(desc(segments.startTime))
    .limit(1)
    .get();
}

/** Which of these paths are indexed. */
export function indexedPaths(db: ReadDb, paths: readonly string[]): Set<string> {
  if (paths.length === 0) return new Set();
  const rows = db
    .select({ path: segments.path })
    .from(segments)
    .where(inArray(segments.path, [...paths]))
    .all();
  return new Set(rows.map(({ path }) => path));
}

export interface SegmentTotals {
  readonly segmentCount: number;
  readonly sizeBytes: number;
}

/** Running totals of a camera, or of all cameras (`''`). */
export function segmentTotalsOf(db: ReadDb, cameraId: string): SegmentTotals {
  const row = db.select().from(segmentTotals).where(eq(segmentTotals.cameraId, cameraId)).get();
  return { segmentCount: row?.segmentCount ?? 0, sizeBytes: row?.sizeBytes ?? 0 };
}

export interface PruneCandidate {
  readonly id: string;
  readonly cameraId: string;
  readonly endTime: number;
  readonly sizeBytes: number;
}

const candidateColumns = {
  id: segments.id,
  cameraId: segments.cameraId,
  endTime: segments.endTime,
  sizeBytes: segments.sizeBytes,
};

/** Segments that are not held as evidence, those that end first in front. */
export function oldestSegments(db: ReadDb, limit: number): PruneCandidate[] {
  return db
    .select(candidateColumns)
    .from(segments)
    .where(eq(segments.evidenceLocked, false))
    .orderBy(asc(segments.endTime))
    .limit(limit)
    .all();
}

/** A camera's segments that start before `before` (ms) and are not held as evidence, oldest first. */
export function oldestSegmentsOf(
  db: ReadDb,
  cameraId: string,
  before: number,
  limit: number,
): PruneCandidate[] {
  return db
    .select(candidateColumns)
    .from(segments)
    .where(
      and(
        eq(segments.cameraId, cameraId),
        lt(segments.startTime, before),
        eq(segments.evidenceLocked, false),
      ),
    )
    .orderBy(asc(segments.startTime))
    .limit(limit)
    .all();
}

export function hasHeldSegments(db: ReadDb, cameraId: string): boolean {
  return (
    db
      .select({ id: segments.id })
      .from(segments)
      .where(and(eq(segments.cameraId, cameraId), eq(segments.evidenceLocked, true)))
      .limit(1)
      .get() !== undefined
  );
}

/** Is this a file of the index? `path` is relative to the recordings folder. */
export function hasSegmentFile(db: ReadDb, cameraId: string, path: string): boolean {
  const row = db
    .select({ id: segments.id })
    .from(segments)
    .where(and(eq(segments.path, path), eq(segments.cameraId, cameraId)))
    .get();
  return row !== undefined;
}
