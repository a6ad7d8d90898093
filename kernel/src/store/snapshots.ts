/** How schedules of stills, and the stills that they gave, are written. */
import { HeldarError } from '../errors.ts';
import type { snapshots, snapshotSchedules } from './media-schema.ts';
import type { WriteContext } from './write-context.ts';

export type SnapshotScheduleRow = typeof snapshotSchedules.$inferSelect;
export type SnapshotRow = typeof snapshots.$inferSelect;
export type SnapshotScheduleColumns = Pick<SnapshotScheduleRow, 'intervalSeconds' | 'enabled'>;

/** @throws HeldarError `not_found` when there is no such camera. */
export function createSnapshotSchedule(
  ctx: WriteContext,
  args: { id: string; cameraId: string; columns: SnapshotScheduleColumns },
): void {
  const { id, cameraId, columns } = args;
  if (ctx.sql('SELECT 1 FROM cameras WHERE id = ?').get(cameraId) === undefined)
    throw new HeldarError('not_found', `there is no camera '${cameraId}'`);
  ctx
    .sql(
      `INSERT INTO snapshot_schedules (id, camera_id, interval_seconds, enabled, created_at, updated_at)
       VALUES (?, ?, ?, ?, ?, ?)`,
    )
    .run(id, cameraId, columns.intervalSeconds, Number(columns.enabled), ctx.now, ctx.now);
}

/** Changes the given columns. @throws HeldarError `not_found`. */
export function updateSnapshotSchedule(
  ctx: WriteContext,
  args: { id: string; columns: Partial<SnapshotScheduleColumns> },
): void {
  const { intervalSeconds, enabled } = args.columns;
  const { changes } = ctx
    .sql(
      `UPDATE snapshot_schedules SET interval_seconds = coalesce(?, interval_seconds),
         enabled = coalesce(?, enabled), updated_at = max(?, updated_at + 1) WHERE id = ?`,
    )
    .run(intervalSeconds ?? null, enabled === undefined ? null : Number(enabled), ctx.now, args.id);
  if (changes === 0) throw new HeldarError('not_found', `snapshot schedule ${args.id} not found`);
}

/** Makes at most `limit` stills of a schedule stills of none; answers how many. */
export function detachSnapshots(ctx: WriteContext, args: { scheduleId: string; limit: number }): number {
  return ctx
    .sql(
      `UPDATE snapshots SET schedule_id = NULL
       WHERE id IN (SELECT id FROM snapshots WHERE schedule_id = ? LIMIT ?)`,
    )
    .run(args.scheduleId, args.limit).changes;
}

/** Its stills stay; they were detached before, but for the newest ones. @throws HeldarError `not_found`. */
export function deleteSnapshotSchedule(ctx: WriteContext, args: { id: string }): void {
  const { changes } = ctx.sql('DELETE FROM snapshot_schedules WHERE id = ?').run(args.id);
  if (changes === 0) throw new HeldarError('not_found', `snapshot schedule ${args.id} not found`);
}

/** The schedule was due at `at` (ms) and gave no still: its clock goes on all the same. */
export function noteFailedSnapshot(ctx: WriteContext, args: { scheduleId: string; at: number }): void {
  ctx.sql('UPDATE snapshot_schedules SET last_fired_at = ? WHERE id = ?').run(args.at, args.scheduleId);
}

export interface NewSnapshot {
  readonly id: string;
  readonly scheduleId: string;
  /** Below the snapshots folder, with `/`. */
  readonly path: string;
  /** ms since the epoch. */
  readonly takenAt: number;
  readonly sizeBytes: number;
}

/** Notes a still that is on disk, and moves the clock of its schedule. Answers false, having done nothing, when that life of the camera is over. */
export function addSnapshot(
  ctx: WriteContext,
  args: { incarnation: number; snapshot: NewSnapshot; firedAt: number },
): boolean {
  const { snapshot } = args;
  const { changes } = ctx
    .sql(
      `INSERT INTO snapshots (id, camera_id, schedule_id, path, taken_at, size_bytes, created_at)
       SELECT ?, c.id, (SELECT id FROM snapshot_schedules WHERE id = ?), ?, ?, ?, ?
       FROM cameras c WHERE c.incarnation = ?`,
    )
    .run(
      snapshot.id,
      snapshot.scheduleId,
      snapshot.path,
      snapshot.takenAt,
      snapshot.sizeBytes,
      ctx.now,
      args.incarnation,
    );
  if (changes === 0) return false;
  ctx
    .sql('UPDATE snapshot_schedules SET last_fired_at = ? WHERE id = ?')
    .run(args.firedAt, snapshot.scheduleId);
  return true;
}
