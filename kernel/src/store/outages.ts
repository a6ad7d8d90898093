/** Why nothing was recorded, from when until when: spans that never overlap within one life of a camera. */
import { isAlive } from './incarnations.ts';
import type { WriteContext } from './write-context.ts';

/**
 * What keeps a recorder from recording. `refused`: the camera answers, and declines. `clock`: its time stamps are of no use.
 * `clock_jump`: the clock of this machine was set forward, so the time did not pass. `not_wanted`: nobody asked for it.
 */
export const outageCauses = [
  'camera_offline',
  'refused',
  'stalled',
  'clock',
  'clock_jump',
  'disk',
  'recorder',
  'no_url',
  'restart',
  'kernel_stopped',
  'not_wanted',
] as const;
export type OutageCause = (typeof outageCauses)[number];

/**
 * From `at` (ms) on nothing is recorded for this cause. An open outage of the same cause goes on; one of another cause ends where
 * this begins. Nothing happens when that life of the camera is unknown or over.
 */
export function beginOutage(
  ctx: WriteContext,
  args: { incarnation: number; at: number; cause: OutageCause },
): void {
  const { incarnation, cause } = args;
  if (!isAlive(ctx, incarnation)) return;
  const last = ctx
    .sql(
      `SELECT start_time, end_time, cause FROM recording_outages
       WHERE incarnation = ? ORDER BY start_time DESC LIMIT 1`,
    )
    .get(incarnation) as { start_time: number; end_time: number | null; cause: string } | undefined;
  if (last?.end_time === null && last.cause === cause) return;
  // The clock may have been set back since.
  const at = last === undefined ? args.at : Math.max(args.at, last.end_time ?? last.start_time);
  if (last?.end_time === null) endOutage(ctx, { incarnation, at });
  ctx
    .sql(
      `INSERT INTO recording_outages (incarnation, start_time, end_time, cause) VALUES (?, ?, NULL, ?)
       ON CONFLICT (incarnation, start_time) DO UPDATE SET end_time = NULL, cause = excluded.cause`,
    )
    .run(incarnation, at, cause);
}

/** Notes a span (ms) in which nothing could be recorded, when it is over already. */
export function addOutage(
  ctx: WriteContext,
  args: { incarnation: number; start: number; end: number; cause: OutageCause },
): void {
  ctx
    .sql(
      `INSERT INTO recording_outages (incarnation, start_time, end_time, cause)
       SELECT incarnation, ?, ?, ? FROM camera_incarnations WHERE incarnation = ? AND deleted_at IS NULL
       ON CONFLICT (incarnation, start_time) DO NOTHING`,
    )
    .run(args.start, args.end, args.cause, args.incarnation);
}

/** From `at` (ms) on it is recorded again; the open outage, if there is one, ends. */
export function endOutage(ctx: WriteContext, args: { incarnation: number; at: number }): void {
  ctx
    .sql(
      `UPDATE recording_outages SET end_time = max(start_time, ?)
       WHERE incarnation = ? AND end_time IS NULL`,
    )
    .run(args.at, args.incarnation);
}
