/** AI tasks over HTTP: what workers should do, what they find to do, and the samplers that feed them. */
import { formatRfc3339, z, type Json } from '@heldar/plugin-sdk';
import type { Clock } from '../../clock.ts';
import { HeldarError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import type { Samplers } from '../../media/samplers.ts';
import type { TaskColumns, TaskRow } from '../../store/ai-tasks.ts';
import type { Store } from '../../store/store.ts';
import { listRunnableTasks, listTasks, readTask } from '../../store/task-queries.ts';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';

export interface AiTaskRoutesOptions {
  readonly store: Pick<Store, 'read' | 'write'>;
  readonly samplers: Pick<Samplers, 'replan' | 'list'>;
  readonly clock: Clock;
  /** What a new task gets where the request says nothing. */
  readonly defaults: { readonly fps: number; readonly width: number };
}

const cameraParams = z.object({ id: z.string() });
const taskParams = z.object({ task_id: z.string() });
const notBlank = z.string().refine((text) => text.trim() !== '', 'must not be blank');
const profile = z.enum(['sub', 'main'], { error: "must be 'sub' or 'main'" });
const fps = z.number().transform((value) => Math.min(30, Math.max(0.1, value)));
const width = z.int().transform((value) => Math.min(3840, Math.max(160, value)));
const anyJson = z.unknown().optional();

const createBody = z
  .object({
    task_type: notBlank,
    stream_profile: profile.nullish(),
    fps: fps.nullish(),
    width: width.nullish(),
    config: anyJson,
    enabled: z.boolean().nullish(),
  })
  .meta({ id: 'NewAiTask' });
/** Absent and null keep a value. */
const updateBody = z
  .object({
    task_type: z.string().nullish(),
    stream_profile: profile.nullish(),
    fps: fps.nullish(),
    width: width.nullish(),
    config: anyJson,
    enabled: z.boolean().nullish(),
  })
  .meta({ id: 'AiTaskChange' });
const shared = {
  id: z.string(),
  camera_id: z.string(),
  task_type: z.string(),
  stream_profile: z.enum(['sub', 'main']),
  fps: z.number(),
  width: z.int(),
  config: z.unknown(),
};
const taskOutput = z
  .object({
    ...shared,
    enabled: z.boolean(),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'AiTask' });
const workerTaskOutput = z.object({ ...shared, frame_url: z.string() }).meta({ id: 'WorkerTask' });
const samplerOutput = z
  .object({
    camera_id: z.string(),
    stream_profile: z.enum(['sub', 'main']),
    state: z.enum(['connecting', 'sampling', 'offline', 'error', 'stopped', 'budget_exhausted']),
    fps: z.number(),
  })
  .meta({ id: 'Sampler' });

export function aiTaskRoutes(options: AiTaskRoutesOptions): KernelRoute[] {
  const { store, samplers, clock, defaults } = options;

  /** A task belongs to a camera; one of a camera the caller may not see answers as if it did not exist. */
  const find = (id: string, cameras: { includes(cameraId: string): boolean }): TaskRow => {
    const row = readTask(store.read, id);
    if (row === undefined || !cameras.includes(row.cameraId))
      throw new HeldarError('not_found', `AI task ${id} not found`);
    return row;
  };

  return [
    kernelRoute.get('/api/v1/cameras/:id/ai-tasks', {
      summary: 'Tasks of a camera, enabled or not, oldest first',
      capability: 'view',
      scope: { camera: 'params.id' },
      params: cameraParams,
      output: z.array(taskOutput),
      handle: ({ params }) => listTasks(store.read, params.id).map(taskView),
    }),
    kernelRoute.post('/api/v1/cameras/:id/ai-tasks', {
      summary: 'Create an AI task on a camera',
      capability: 'manage_registry',
      scope: { camera: 'params.id' },
      audit: { action: 'create_ai_task', target: 'ai_task' },
      params: cameraParams,
      body: createBody,
      output: taskOutput,
      status: 201,
      async handle({ params, body, cameras, audit }) {
        const id = newId('ai', clock.now());
        const columns: TaskColumns = {
          taskType: body.task_type,
          enabled: body.enabled ?? true,
          streamProfile: body.stream_profile ?? 'sub',
          fps: body.fps ?? defaults.fps,
          width: body.width ?? defaults.width,
          config: body.config ?? {},
        };
        await store.write(
          'tasks.create',
          { id, cameraId: params.id, columns },
          audit(id, { detail: { camera_id: params.id, task_type: columns.taskType } }),
        );
        samplers.replan();
        return taskView(find(id, cameras));
      },
    }),
    kernelRoute.patch('/api/v1/ai-tasks/:task_id', {
      summary: 'Change an AI task',
      capability: 'manage_registry',
      scope: { rows: 'cameras' },
      audit: { action: 'update_ai_task', target: 'ai_task' },
      params: taskParams,
      body: updateBody,
      output: taskOutput,
      async handle({ params, body, cameras, audit }) {
        const { id, cameraId } = find(params.task_id, cameras);
        const change = { id, columns: changedColumns(body) };
        await store.write('tasks.update', change, audit(id, { camera: cameraId }));
        samplers.replan();
        return taskView(find(id, cameras));
      },
    }),
    kernelRoute.delete('/api/v1/ai-tasks/:task_id', {
      summary: 'Delete an AI task; stored detections stay',
      capability: 'manage_registry',
      scope: { rows: 'cameras' },
      audit: { action: 'delete_ai_task', target: 'ai_task' },
      params: taskParams,
      async handle({ params, cameras, audit }) {
        const { id, cameraId } = find(params.task_id, cameras);
        await store.write('tasks.delete', { id }, audit(id, { camera: cameraId }));
        samplers.replan();
      },
    }),
    kernelRoute.get('/api/v1/ai/tasks', {
      summary: 'Worker discovery: enabled tasks of enabled cameras, by camera id',
      capability: 'view',
      scope: { rows: 'cameras' },
      output: z.array(workerTaskOutput),
      handle: ({ cameras }) =>
        listRunnableTasks(store.read)
          .filter(({ cameraId }) => cameras.includes(cameraId))
          .map(workerTaskView),
    }),
    kernelRoute.get('/api/v1/ai/samplers', {
      summary: 'Frame samplers and their granted rate, by camera id, then profile',
      capability: 'view',
      scope: { rows: 'cameras' },
      output: z.array(samplerOutput),
      handle: ({ cameras }) => samplers.list().filter(({ camera_id }) => cameras.includes(camera_id)),
    }),
  ];
}

function changedColumns(body: z.output<typeof updateBody>): Partial<TaskColumns> {
  return {
    ...(typeof body.task_type === 'string' ? { taskType: body.task_type } : {}),
    ...(typeof body.enabled === 'boolean' ? { enabled: body.enabled } : {}),
    ...(typeof body.stream_profile === 'string' ? { streamProfile: body.stream_profile } : {}),
    ...(typeof body.fps === 'number' ? { fps: body.fps } : {}),
    ...(typeof body.width === 'number' ? { width: body.width } : {}),
    ...(body.config === undefined || body.config === null ? {} : { config: body.config }),
  };
}

function taskView(row: TaskRow) {
  return {
    id: row.id,
    camera_id: row.cameraId,
    task_type: row.taskType,
    enabled: row.enabled,
    stream_profile: row.streamProfile,
    fps: row.fps,
    width: row.width,
    config: row.config as Json,
    created_at: formatRfc3339(row.createdAt),
    updated_at: formatRfc3339(row.updatedAt),
  };
}

function workerTaskView(row: TaskRow) {
  const { id, camera_id, task_type, stream_profile, fps: asked, width: pixels, config } = taskView(row);
  const frame_url = `/api/v1/cameras/${camera_id}/frame?profile=${stream_profile}`;
  return { id, camera_id, task_type, stream_profile, fps: asked, width: pixels, config, frame_url };
}
