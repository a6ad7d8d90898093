/** How the index of recordings is read: every range bounded on both sides, so that its cost does not grow with retention. */
import { and, asc, desc, eq, gt, gte, inArray, isNotNull, lt, lte, sql, type SQL } from 'drizzle-orm';
import { leases, leaseSegments } from './media-schema.ts';
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

/** Where a page of segments ended: behind it the next one begins. */
export interface SegmentCursor {
  readonly startTime: number;
  readonly id: string;
}

function behind(cursor: SegmentCursor | undefined): SQL | undefined {
  if (cursor === undefined) return undefined;
  return and(
    gte(segments.startTime, cursor.startTime),
    sql`(${segments.startTime}, ${segments.id}) > (${cursor.startTime}, ${cursor.id})`,
  );
}

/**
 * Ascending by start: the oldest `limit` that overlap the range and lie behind the cursor, or with neither bound nor cursor the
 * newest `limit`.
 */
export function listSegments(
  db: ReadDb,
  cameraId: string,
  range: TimeRange,
  limit: number,
  after?: SegmentCursor,
): SegmentRow[] {
  const query = db
    .select()
    .from(segments)
    .where(and(overlapping(cameraId, range), behind(after)));
  if (range.from === undefined && range.to === undefined && after === undefined)
    return query.orderBy(desc(segments.startTime), desc(segments.id)).limit(limit).all().reverse();
  return query.orderBy(asc(segments.startTime), asc(segments.id)).limit(limit).all();
}

export function readSegment(db: ReadDb, id: string): SegmentRow | undefined {
  return db.select().from(segments).where(eq(segments.id, id)).get();
}

const idsAsked = 1000;

/** Which of these segments somebody reads right now (`now`: ms since the epoch). */
export function leasedAmong(db: ReadDb, ids: readonly string[], now: number): Set<string> {
  const leased = new Set<string>();
  for (let position = 0; position < ids.length; position += idsAsked)
    for (const { id } of db
      .select({ id: leaseSegments.segmentId })
      .from(leaseSegments)
      .innerJoin(leases, eq(leases.id, leaseSegments.leaseId))
      .where(
        and(
          inArray(leaseSegments.segmentId, ids.slice(position, position + idsAsked)),
          gt(leases.expiresAt, now),
        ),
      )
      .all())
      leased.add(id);
  return leased;
}

export interface IncidentSummary {
  readonly incidentId: string;
  readonly segmentCount: number;
  readonly totalBytes: number;
  readonly oldestStart: number;
  readonly newestEnd: number;
}

/** Tags in use, that with the newest footage first. `owned`: the caller's cameras. */
export function listIncidents(db: ReadDb, owned: SQL): IncidentSummary[] {
  const newest = sql<number>`max(${segments.endTime})`;
  return db
    .select({
      incidentId: sql<string>`${segments.incidentId}`,
      segmentCount: sql<number>`count(*)`,
      totalBytes: sql<number>`sum(${segments.sizeBytes})`,
      oldestStart: sql<number>`min(${segments.startTime})`,
      newestEnd: newest,
    })
    .from(segments)
    .where(and(isNotNull(segments.incidentId), owned))
    .groupBy(segments.incidentId)
    .orderBy(desc(newest), asc(segments.incidentId))
    .all();
}

/** Segments that carry a tag, oldest first, at most `limit` behind the cursor. `owned`: the caller's cameras. */
export function listIncidentSegments(
  db: ReadDb,
  incidentId: string,
  owned: SQL,
  limit: number,
  after?: SegmentCursor,
): SegmentRow[] {
  return db
    .select()
    .from(segments)
    .where(and(eq(segments.incidentId, incidentId), owned, behind(after)))
    .orderBy(asc(segments.startTime), asc(segments.id))
    .limit(limit)
    .all();
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

/** Start of the segment that starts first after `after` (ms). */
export function nextStart(db: ReadDb, cameraId: string, after: number): number | undefined {
  return db
    .select({ startTime: segments.startTime })
    .from(segments)
    .where(and(eq(segments.cameraId, cameraId), gt(segments.startTime, after)))
    .orderBy(asc(segments.startTime))
    .limit(1)
    .get()?.startTime;
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
  /** Of them, held as evidence. */
  readonly heldCount: number;
  readonly heldBytes: number;
}

/** Running totals of a camera, or of all cameras (`''`). */
export function segmentTotalsOf(db: ReadDb, cameraId: string): SegmentTotals {
  const row = db.select().from(segmentTotals).where(eq(segmentTotals.cameraId, cameraId)).get();
  return {
    segmentCount: row?.segmentCount ?? 0,
    sizeBytes: row?.sizeBytes ?? 0,
    heldCount: row?.heldCount ?? 0,
    heldBytes: row?.heldBytes ?? 0,
  };
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

/** The root in which a file of the index lies; undefined: it is none. `path` is relative to the root. */
export function rootOfSegmentFile(db: ReadDb, cameraId: string, path: string): string | undefined {
  return db
    .select({ root: segments.root })
    .from(segments)
    .where(and(eq(segments.path, path), eq(segments.cameraId, cameraId)))
    .get()?.root;
}

/** Footage that begins this soon counts as lying there, ms: the next segment would reach into it. */
const closeMs = 60_000;
/** Steps from segment to segment; those of all cameras of some hours. */
const mostSteps = 20_000;

/** The end of the footage, of whichever camera, that lies at `time` (ms) without a hole, or begins within a minute; null: that time is free. */
export function coveredUntil(db: ReadDb, time: number): number | null {
  let until: number | null = null;
  for (let steps = 0; steps < mostSteps; steps += 1) {
    const from: number = until ?? time;
    const [next] = db
      .select({ startTime: segments.startTime, endTime: segments.endTime })
      .from(segments)
      // A second of jitter; no segment is longer than the other bound.
      .where(and(gt(segments.endTime, from + 1000), lt(segments.endTime, from + closeMs + maxSegmentMs)))
      .orderBy(asc(segments.endTime))
      .limit(1)
      .all();
    if (next === undefined || next.startTime > from + closeMs) break;
    until = next.endTime;
  }
  return until;
}

/** Does the index know footage in that root? Of the recordings folder (''): anywhere at all. */
export function hasSegmentsIn(db: ReadDb, root: string): boolean {
  if (root === '') return segmentTotalsOf(db, '').segmentCount > 0;
  // The second condition is what the index of other roots is confined to.
  const found = db
    .select({ id: segments.id })
    .from(segments)
    .where(and(eq(segments.root, root), sql`${segments.root} <> ''`))
    .limit(1)
    .get();
  return found !== undefined;
}
