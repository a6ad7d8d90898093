/** How it is written when recording was meant to happen. */
import type { RecordingReason } from '../recording/policy.ts';
import { isAlive } from './incarnations.ts';
import type { WriteContext } from './write-context.ts';

/** Spans that ended longer ago explain nothing any more, ms. */
const keptMs = 400 * 24 * 3_600_000;
const prunedAtOnce = 16;

/**
 * From `at` (ms since the epoch) on recording is meant for this reason, or for none. What was meant before ends there; the same reason goes on.
 * Spans of a camera never overlap: a clock that was set back makes one begin where the last one ended.
 * Answers since when it is meant, or null.
 */
export function changeIntent(
  ctx: WriteContext,
  args: { incarnation: number; reason: RecordingReason | null; at: number },
): number | null {
  const { incarnation, reason, at } = args;
  const last = ctx
    .sql(
      `SELECT start_time, end_time, reason FROM recording_intents WHERE incarnation = ?
       ORDER BY start_time DESC LIMIT 1`,
    )
    .get(incarnation) as { start_time: number; end_time: number | null; reason: string } | undefined;
  const isOpen = last !== undefined && last.end_time === null;
  if (isOpen && last.reason === reason) return last.start_time;
  if (isOpen) endSpan(ctx, incarnation, last.start_time, at);
  if (reason === null) return null;
  if (!isAlive(ctx, incarnation)) return null;
  const startTime = last === undefined ? at : Math.max(at, last.end_time ?? last.start_time);
  ctx
    .sql(
      `INSERT INTO recording_intents (incarnation, start_time, reason) VALUES (?, ?, ?)
       ON CONFLICT (incarnation, start_time) DO UPDATE SET reason = excluded.reason, end_time = NULL`,
    )
    .run(incarnation, startTime, reason);
  ctx
    .sql(
      `DELETE FROM recording_intents WHERE incarnation = @incarnation AND start_time IN (
         SELECT start_time FROM recording_intents
         WHERE incarnation = @incarnation AND start_time < @before AND end_time < @before
         ORDER BY start_time LIMIT ${prunedAtOnce})`,
    )
    .run({ incarnation, before: ctx.now - keptMs });
  return startTime;
}

/** A span of no length was never meant. */
function endSpan(ctx: WriteContext, incarnation: number, startTime: number, at: number): void {
  if (at > startTime)
    ctx
      .sql('UPDATE recording_intents SET end_time = ? WHERE incarnation = ? AND start_time = ?')
      .run(at, incarnation, startTime);
  else
    ctx
      .sql('DELETE FROM recording_intents WHERE incarnation = ? AND start_time = ?')
      .run(incarnation, startTime);
}
