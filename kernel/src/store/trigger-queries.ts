/** How triggers are read: those that are kept, and the events that are triggers. */
import { eq, sql } from 'drizzle-orm';
import { recordTriggers } from './media-schema.ts';
import { cameras, events } from './schema.ts';
import type { ReadDb } from './store.ts';

export interface StoredTrigger {
  readonly incarnation: number;
  /** When the first trigger of this recording fired, ms since the epoch. */
  readonly firedAt: number;
  readonly until: number;
}

/** At most one a camera. */
export function listTriggers(db: ReadDb): StoredTrigger[] {
  return db
    .select({
      incarnation: cameras.incarnation,
      firedAt: recordTriggers.firedAt,
      until: recordTriggers.until,
    })
    .from(recordTriggers)
    .innerJoin(cameras, eq(cameras.id, recordTriggers.cameraId))
    .all();
}

/** Events that have the camera recorded which they are about, when a plugin raised them. */
const triggeringTypes = sql`('zone_enter', 'zone_exit', 'zone_dwell')`;

export interface TriggeringEvents {
  readonly cameraId: string;
  /** When the first of them happened, ms since the epoch. */
  readonly firstAt: number;
  /** When the last of them was committed. */
  readonly committedAt: number;
}

/** The triggers of each camera behind `after` up to `upTo` of the journal. Ask for some hundred sequences at once. */
export function triggeringEvents(db: ReadDb, after: number, upTo: number): TriggeringEvents[] {
  // The unary plus keeps the planner on the sequence.
  return db.all<TriggeringEvents>(
    sql`SELECT ${events.cameraId} AS cameraId, min(${events.atMs}) AS firstAt, max(${events.createdAt}) AS committedAt
        FROM ${events}
        WHERE ${events.seq} > ${after} AND ${events.seq} <= ${upTo} AND +${events.eventType} IN ${triggeringTypes}
          AND +${events.cameraId} IS NOT NULL AND ${events.source} NOT IN ('kernel', 'worker')
        GROUP BY +${events.cameraId}`,
  );
}

/** The sequence before the first of the events that happened at or after `atMs` (ms since the epoch); of the newest `limit` at most. */
export function journalBefore(db: ReadDb, atMs: number, limit: number): number {
  const { seq } = db.get<{ seq: number }>(
    sql`SELECT coalesce(
          (SELECT min(seq) - 1 FROM (
             SELECT seq FROM events WHERE at_ms >= ${atMs} ORDER BY at_ms DESC, seq DESC LIMIT ${limit})),
          (SELECT max(seq) FROM events), 0) AS seq`,
  );
  return seq;
}
