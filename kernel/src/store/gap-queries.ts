/** How gaps, outages and intended time are read: every range bounded on both sides. */
import { and, asc, desc, eq, gt, gte, isNull, lt, or } from 'drizzle-orm';
import { recordingGaps, recordingIntents, recordingOutages } from './media-schema.ts';
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

/** ms since the epoch; `end` null: it lasts. */
export interface OutageSpan {
  readonly start: number;
  readonly end: number | null;
  readonly cause: OutageCause;
}

/** Those that overlap [from, to), ascending: at most one that began before, as outages never overlap each other. */
export function outagesWithin(db: ReadDb, incarnation: number, from: number, to: number): OutageSpan[] {
  const columns = {
    start: recordingOutages.startTime,
    end: recordingOutages.endTime,
    cause: recordingOutages.cause,
  };
  const before = db
    .select(columns)
    .from(recordingOutages)
    .where(and(eq(recordingOutages.incarnation, incarnation), lt(recordingOutages.startTime, from)))
    .orderBy(desc(recordingOutages.startTime))
    .limit(1)
    .all();
  const within = db
    .select(columns)
    .from(recordingOutages)
    .where(
      and(
        eq(recordingOutages.incarnation, incarnation),
        gte(recordingOutages.startTime, from),
        lt(recordingOutages.startTime, to),
      ),
    )
    .orderBy(asc(recordingOutages.startTime))
    .all();
  return [...before, ...within].filter(({ end }) => end === null || end > from) as OutageSpan[];
}

export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * When recording was meant to happen within [from, to), cut to it, ascending; null when nothing was ever noted of that life of the
 * camera: then it is to be judged otherwise.
 */
export function intendedWithin(db: ReadDb, incarnation: number, from: number, to: number): Span[] | null {
  const ofCamera = eq(recordingIntents.incarnation, incarnation);
  const first = db
    .select({ start: recordingIntents.startTime })
    .from(recordingIntents)
    .where(ofCamera)
    .limit(1)
    .get();
  if (first === undefined) return null;
  // Spans of intent don't overlap: of those that began before, only the last can reach into the window.
  const before = db
    .select({ start: recordingIntents.startTime, end: recordingIntents.endTime })
    .from(recordingIntents)
    .where(and(ofCamera, lt(recordingIntents.startTime, from)))
    .orderBy(desc(recordingIntents.startTime))
    .limit(1)
    .all();
  const within = db
    .select({ start: recordingIntents.startTime, end: recordingIntents.endTime })
    .from(recordingIntents)
    .where(
      and(
        ofCamera,
        gte(recordingIntents.startTime, from),
        lt(recordingIntents.startTime, to),
        or(isNull(recordingIntents.endTime), gt(recordingIntents.endTime, from)),
      ),
    )
    .orderBy(asc(recordingIntents.startTime))
    .all();
  return [...before, ...within]
    .map(({ start, end }) => ({ start: Math.max(start, from), end: Math.min(end ?? to, to) }))
    .filter(({ start, end }) => end > start);
}
