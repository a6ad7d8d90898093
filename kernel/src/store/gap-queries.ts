/** How gaps and outages are read: every range bounded on both sides. */
import { and, asc, desc, eq, gte, lt, sql } from 'drizzle-orm';
import { recordingGaps, recordingOutages } from './media-schema.ts';
import type { OutageCause } from './outages.ts';
import type { ReadDb } from './store.ts';

export type GapRow = typeof recordingGaps.$inferSelect;

/** Newest first; `state`: of re-filling, compared exactly. */
export function listGaps(db: ReadDb, cameraId: string, state: string | undefined, limit: number): GapRow[] {
  return db
    .select()
    .from(recordingGaps)
    .where(
      and(
        eq(recordingGaps.cameraId, cameraId),
        state === undefined ? undefined : eq(recordingGaps.fillState, state as GapRow['fillState']),
      ),
    )
    .orderBy(desc(recordingGaps.startTime))
    .limit(limit)
    .all();
}

export function readGap(db: ReadDb, id: string): GapRow | undefined {
  return db.select().from(recordingGaps).where(eq(recordingGaps.id, id)).get();
}

/** Cameras with gaps or outages that ended before their oldest footage, which begins at `before` (ms). */
export function endedBeforeFootage(db: ReadDb): { cameraId: string; incarnation: number; before: number }[] {
  return db.all(sql`
    SELECT id AS cameraId, incarnation, before FROM (
      SELECT c.id, c.incarnation, (SELECT min(start_time) FROM segments WHERE camera_id = c.id) AS before FROM cameras c
    ) AS oldest
    WHERE EXISTS (
        SELECT 1 FROM recording_gaps WHERE camera_id = oldest.id AND start_time < before AND end_time <= before)
      OR EXISTS (
        SELECT 1 FROM recording_outages
        WHERE incarnation = oldest.incarnation AND start_time < before AND end_time <= before)`);
}

/** ms since the epoch; `end` null: it lasts. */
export interface OutageSpan {
  readonly start: number;
  readonly end: number | null;
  readonly cause: OutageCause;
}

const spanColumns = {
  start: recordingOutages.startTime,
  end: recordingOutages.endTime,
  cause: recordingOutages.cause,
};

/** Those that overlap [from, to), ascending: at most one that began before, as outages never overlap each other. */
export function outagesWithin(db: ReadDb, incarnation: number, from: number, to: number): OutageSpan[] {
  const before = lastOutage(db, incarnation, from);
  const within = db
    .select(spanColumns)
    .from(recordingOutages)
    .where(
      and(
        eq(recordingOutages.incarnation, incarnation),
        gte(recordingOutages.startTime, from),
        lt(recordingOutages.startTime, to),
      ),
    )
    .orderBy(asc(recordingOutages.startTime))
    .all() as OutageSpan[];
  return [...(before === undefined ? [] : [before]), ...within].filter(
    ({ end }) => end === null || end > from,
  );
}

/** The one that began last before `before`, ms since the epoch. */
function lastOutage(db: ReadDb, incarnation: number, before: number): OutageSpan | undefined {
  return db
    .select(spanColumns)
    .from(recordingOutages)
    .where(and(eq(recordingOutages.incarnation, incarnation), lt(recordingOutages.startTime, before)))
    .orderBy(desc(recordingOutages.startTime))
    .limit(1)
    .get() as OutageSpan | undefined;
}

/** The outage that lasts, of that life of a camera. */
export function openOutage(db: ReadDb, incarnation: number): OutageSpan | undefined {
  const last = lastOutage(db, incarnation, Number.MAX_SAFE_INTEGER);
  return last?.end === null ? last : undefined;
}

export interface Span {
  readonly start: number;
  readonly end: number;
}
