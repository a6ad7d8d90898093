/** Holes in intended recording time: born with the segment that ends them, re-tried, pruned with the footage around them. */
import type { OutageCause } from './outages.ts';
import type { WriteContext } from './write-context.ts';

/** `unknown`: no outage is on record for that time. */
export type GapCause = OutageCause | 'unknown';

export interface NewGap {
  readonly id: string;
  /** ms since the epoch. */
  readonly startTime: number;
  readonly endTime: number;
  readonly cause: GapCause;
}

/** One that begins where another of the camera begins is the same. */
export function insertGap(ctx: WriteContext, cameraId: string, gap: NewGap): void {
  ctx
    .sql(
      `INSERT INTO recording_gaps (id, camera_id, start_time, end_time, cause, created_at) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (camera_id, start_time) DO NOTHING`,
    )
    .run(gap.id, cameraId, gap.startTime, gap.endTime, gap.cause, ctx.now);
}

/** Puts a gap back into the queue of those to be re-filled, whatever became of it. Answers false when the camera has no such gap. */
export function retryGap(ctx: WriteContext, args: { id: string; cameraId: string }): boolean {
  const { changes } = ctx
    .sql(
      `UPDATE recording_gaps SET fill_state = 'pending', fill_attempts = 0, last_attempt_at = NULL, filled_at = NULL
       WHERE id = ? AND camera_id = ?`,
    )
    .run(args.id, args.cameraId);
  return changes > 0;
}

/**
 * Deletes at most `limit` gaps, and as many outages, of a camera that ended by `before` (ms): the start of its oldest footage.
 * Answers how many rows went.
 */
export function pruneGaps(
  ctx: WriteContext,
  args: { cameraId: string; incarnation: number; before: number; limit: number },
): number {
  const { cameraId, incarnation, before, limit } = args;
  const gaps = ctx
    .sql(
      `DELETE FROM recording_gaps WHERE id IN (
         SELECT id FROM recording_gaps WHERE camera_id = ? AND start_time < ? AND end_time <= ?
         ORDER BY start_time LIMIT ?)`,
    )
    .run(cameraId, before, before, limit).changes;
  const outages = ctx
    .sql(
      `DELETE FROM recording_outages WHERE incarnation = ? AND start_time IN (
         SELECT start_time FROM recording_outages WHERE incarnation = ? AND start_time < ? AND end_time <= ?
         ORDER BY start_time LIMIT ?)`,
    )
    .run(incarnation, incarnation, before, before, limit).changes;
  return gaps + outages;
}
