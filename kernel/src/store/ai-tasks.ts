/** How AI tasks are written. */
import { HeldarError } from '../errors.ts';
import type { aiTasks } from './schema.ts';
import type { WriteContext } from './write-context.ts';

export type TaskRow = typeof aiTasks.$inferSelect;
export type TaskColumns = Pick<
  TaskRow,
  'taskType' | 'enabled' | 'streamProfile' | 'fps' | 'width' | 'config'
>;

/** @throws HeldarError `not_found` when there is no such camera. */
export function createTask(
  ctx: WriteContext,
  args: { id: string; cameraId: string; columns: TaskColumns },
): { createdAt: number } {
  const { id, cameraId, columns } = args;
  if (ctx.sql('SELECT 1 FROM cameras WHERE id = ?').get(cameraId) === undefined)
    throw new HeldarError('not_found', `there is no camera '${cameraId}'`);
  ctx
    .sql(
      `INSERT INTO ai_tasks (id, camera_id, task_type, enabled, stream_profile, fps, width, config, created_at, updated_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      id,
      cameraId,
      columns.taskType,
      Number(columns.enabled),
      columns.streamProfile,
      columns.fps,
      columns.width,
      JSON.stringify(columns.config),
      ctx.now,
      ctx.now,
    );
  return { createdAt: ctx.now };
}

/** Changes the given columns. @throws HeldarError `not_found`. */
export function updateTask(
  ctx: WriteContext,
  args: { id: string; columns: Partial<TaskColumns> },
): { updatedAt: number } {
  const { columns } = args;
  const row = ctx
    .sql(
      `UPDATE ai_tasks SET task_type = coalesce(?, task_type), enabled = coalesce(?, enabled),
         stream_profile = coalesce(?, stream_profile), fps = coalesce(?, fps), width = coalesce(?, width),
         config = coalesce(?, config), updated_at = max(?, updated_at + 1)
       WHERE id = ? RETURNING updated_at`,
    )
    .get(
      columns.taskType ?? null,
      columns.enabled === undefined ? null : Number(columns.enabled),
      columns.streamProfile ?? null,
      columns.fps ?? null,
      columns.width ?? null,
      columns.config === undefined ? null : JSON.stringify(columns.config),
      ctx.now,
      args.id,
    ) as { updated_at: number } | undefined;
  if (row === undefined) throw new HeldarError('not_found', `there is no AI task '${args.id}'`);
  return { updatedAt: row.updated_at };
}

/** @throws HeldarError `not_found`. */
export function deleteTask(ctx: WriteContext, args: { id: string }): void {
  const { changes } = ctx.sql('DELETE FROM ai_tasks WHERE id = ?').run(args.id);
  if (changes === 0) throw new HeldarError('not_found', `there is no AI task '${args.id}'`);
}
