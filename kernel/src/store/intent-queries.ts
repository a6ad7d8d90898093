/** When was recording meant to happen? */
import { desc, eq, sql } from 'drizzle-orm';
import type { RecordingReason } from '../recording/policy.ts';
import { recordingIntents } from './media-schema.ts';
import type { ReadDb } from './store.ts';

export interface IntendedSpan {
  /** ms since the epoch. */
  readonly startTime: number;
  /** null: it goes on. */
  readonly endTime: number | null;
  readonly reason: RecordingReason;
}

/**
 * Spans of a camera's life that overlap [from, to), ascending, not cut to it. Spans don't overlap one another, so the scan begins with
 * the one that `from` lies in.
 */
export function intendedSpans(db: ReadDb, incarnation: number, from: number, to: number): IntendedSpan[] {
  return db.all<IntendedSpan>(
    sql`SELECT start_time AS startTime, end_time AS endTime, reason FROM recording_intents
        WHERE incarnation = ${incarnation} AND start_time < ${to}
          AND start_time >= coalesce((SELECT max(start_time) FROM recording_intents
                WHERE incarnation = ${incarnation} AND start_time <= ${from}), ${from})
          AND (end_time IS NULL OR end_time > ${from})
        ORDER BY start_time`,
  );
}

/** The span that began last, of that life of a camera. */
export function lastIntent(db: ReadDb, incarnation: number): IntendedSpan | undefined {
  return db
    .select()
    .from(recordingIntents)
    .where(eq(recordingIntents.incarnation, incarnation))
    .orderBy(desc(recordingIntents.startTime))
    .limit(1)
    .get();
}
