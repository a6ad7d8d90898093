/** How windows of scheduled recording are written. */
import { HeldarError } from '../errors.ts';
import { problemWithWindow, type RecordingWindow } from '../recording/window-times.ts';
import type { WriteContext } from './write-context.ts';

export interface ScheduleColumns extends RecordingWindow {
  readonly enabled: boolean;
}

/** @throws HeldarError `not_found` when there is no such camera, `bad_request` for a window that could never be open. */
export function createSchedule(
  ctx: WriteContext,
  args: { id: string; cameraId: string; columns: ScheduleColumns },
): void {
  const { id, cameraId, columns } = args;
  if (ctx.sql('SELECT 1 FROM cameras WHERE id = ?').get(cameraId) === undefined)
    throw new HeldarError('not_found', `there is no camera '${cameraId}'`);
  requireWindow(columns);
  ctx
    .sql(
      `INSERT INTO recording_schedules (id, camera_id, days, time_start, time_end, enabled, created_at, updated_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(id, cameraId, ...valuesOf(columns), ctx.now, ctx.now);
}

/** Changes what is given. @throws HeldarError `not_found`, or `bad_request` when what comes of it could never be open. */
export function updateSchedule(
  ctx: WriteContext,
  args: { id: string; columns: Partial<ScheduleColumns> },
): void {
  const row = ctx
    .sql('SELECT days, time_start, time_end, enabled FROM recording_schedules WHERE id = ?')
    .get(args.id) as { days: string; time_start: string; time_end: string; enabled: number } | undefined;
  if (row === undefined) throw new HeldarError('not_found', `there is no schedule '${args.id}'`);
  const columns: ScheduleColumns = {
    days: JSON.parse(row.days) as number[],
    timeStart: row.time_start,
    timeEnd: row.time_end,
    enabled: row.enabled === 1,
    ...args.columns,
  };
  requireWindow(columns);
  ctx
    .sql(
      `UPDATE recording_schedules SET days = ?, time_start = ?, time_end = ?, enabled = ?,
         updated_at = max(?, updated_at + 1) WHERE id = ?`,
    )
    .run(...valuesOf(columns), ctx.now, args.id);
}

/** @throws HeldarError `not_found`. */
export function deleteSchedule(ctx: WriteContext, args: { id: string }): void {
  const { changes } = ctx.sql('DELETE FROM recording_schedules WHERE id = ?').run(args.id);
  if (changes === 0) throw new HeldarError('not_found', `there is no schedule '${args.id}'`);
}

function valuesOf({ days, timeStart, timeEnd, enabled }: ScheduleColumns): unknown[] {
  return [JSON.stringify(days), timeStart, timeEnd, Number(enabled)];
}

function requireWindow(window: RecordingWindow): void {
  const problem = problemWithWindow(window);
  if (problem !== null) throw new HeldarError('bad_request', problem);
}
