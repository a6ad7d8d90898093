/** Stills at intervals, over HTTP: their schedules, and what they gave. */
import { formatRfc3339, z } from '@heldar/plugin-sdk';
import type { Clock } from '../../clock.ts';
import { HeldarError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import type { SnapshotScheduler } from '../../snapshots/scheduler.ts';
import { listSnapshots, listSnapshotSchedules, readSnapshotSchedule } from '../../store/snapshot-queries.ts';
import type { SnapshotRow, SnapshotScheduleRow } from '../../store/snapshots.ts';
import type { Store } from '../../store/store.ts';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';
import { limitParam, timeParam } from '../query-params.ts';

export interface SnapshotScheduleRoutesOptions {
  readonly store: Pick<Store, 'read' | 'write'>;
  readonly scheduler: Pick<SnapshotScheduler, 'replan'>;
  readonly clock: Clock;
}

const cameraParams = z.object({ id: z.string() });
const scheduleParams = z.object({ schedule_id: z.string() });
const interval = z.int().transform((seconds) => Math.min(86_400, Math.max(5, seconds)));
const defaultIntervalSeconds = 300;
/** Absent and null: the default of a new schedule, or no change. */
const scheduleBody = z
  .object({ interval_seconds: interval.nullish(), enabled: z.boolean().nullish() })
  .meta({ id: 'SnapshotScheduleInput' });
const scheduleOutput = z
  .object({
    id: z.string(),
    camera_id: z.string(),
    interval_seconds: z.int(),
    enabled: z.boolean(),
    last_fired_at: z.string().nullable(),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'SnapshotSchedule' });
const snapshotOutput = z
  .object({
    id: z.string(),
    camera_id: z.string(),
    schedule_id: z.string().nullable(),
    path: z.string(),
    taken_at: z.string(),
    size_bytes: z.int(),
    created_at: z.string(),
    url: z.string(),
  })
  .meta({ id: 'Snapshot' });
const rowsPerStep = 1000;

export function snapshotScheduleRoutes({
  store,
  scheduler,
  clock,
}: SnapshotScheduleRoutesOptions): KernelRoute[] {
  /** One of a camera the caller may not see answers as if it did not exist. */
  const find = (id: string, cameras: { includes(cameraId: string): boolean }): SnapshotScheduleRow => {
    const row = readSnapshotSchedule(store.read, id);
    if (row === undefined || !cameras.includes(row.cameraId))
      throw new HeldarError('not_found', `snapshot schedule ${id} not found`);
    return row;
  };
  const detach = async (scheduleId: string) => {
    for (;;)
      if ((await store.write('snapshots.detach', { scheduleId, limit: rowsPerStep })) < rowsPerStep) return;
  };

  return [
    kernelRoute.get('/api/v1/cameras/:id/snapshot-schedules', {
      summary: 'Snapshot schedules of a camera, oldest first',
      capability: 'view',
      scope: { camera: 'params.id' },
      params: cameraParams,
      output: z.array(scheduleOutput),
      handle: ({ params }) => listSnapshotSchedules(store.read, params.id).map(scheduleView),
    }),
    kernelRoute.post('/api/v1/cameras/:id/snapshot-schedules', {
      summary: 'Add a snapshot schedule; its first still is taken at once',
      capability: 'manage_registry',
      scope: { camera: 'params.id' },
      audit: { action: 'create_snapshot_schedule', target: 'snapshot_schedule' },
      params: cameraParams,
      body: scheduleBody,
      output: scheduleOutput,
      status: 201,
      async handle({ params, body, cameras, audit }) {
        const id = newId('snsch', clock.now());
        const columns = {
          intervalSeconds: body.interval_seconds ?? defaultIntervalSeconds,
          enabled: body.enabled ?? true,
        };
        await store.write('snapshot-schedules.create', { id, cameraId: params.id, columns }, audit(id));
        const view = scheduleView(find(id, cameras));
        scheduler.replan();
        return view;
      },
    }),
    kernelRoute.patch('/api/v1/snapshot-schedules/:schedule_id', {
      summary: 'Change a snapshot schedule: absent and null keep a value',
      capability: 'manage_registry',
      scope: { rows: 'cameras' },
      audit: { action: 'update_snapshot_schedule', target: 'snapshot_schedule' },
      params: scheduleParams,
      body: scheduleBody,
      output: scheduleOutput,
      async handle({ params, body, cameras, audit }) {
        const { id, cameraId } = find(params.schedule_id, cameras);
        const columns = {
          ...(typeof body.interval_seconds === 'number' ? { intervalSeconds: body.interval_seconds } : {}),
          ...(typeof body.enabled === 'boolean' ? { enabled: body.enabled } : {}),
        };
        await store.write('snapshot-schedules.update', { id, columns }, audit(id, { camera: cameraId }));
        scheduler.replan();
        return scheduleView(find(id, cameras));
      },
    }),
    kernelRoute.delete('/api/v1/snapshot-schedules/:schedule_id', {
      summary: 'Remove a snapshot schedule; its stills stay',
      capability: 'manage_registry',
      scope: { rows: 'cameras' },
      audit: { action: 'delete_snapshot_schedule', target: 'snapshot_schedule' },
      params: scheduleParams,
      async handle({ params, cameras, audit }) {
        const { id, cameraId } = find(params.schedule_id, cameras);
        await detach(id);
        await store.write('snapshot-schedules.delete', { id }, audit(id, { camera: cameraId }));
        scheduler.replan();
      },
    }),
    kernelRoute.get('/api/v1/cameras/:id/snapshots', {
      summary: 'Stills that schedules gave, newest first',
      capability: 'view',
      scope: { camera: 'params.id' },
      params: cameraParams,
      query: z.object({ from: timeParam(), to: timeParam(), limit: limitParam(500, 1, 5000) }),
      output: z.array(snapshotOutput),
      handle({ params: { id }, query: { from, to, limit } }) {
        if (from !== undefined && to !== undefined && (from.ms - to.ms || from.ns - to.ns) > 0)
          throw new HeldarError('bad_request', 'from: must not be later than to');
        // Inclusive on both sides, of times that are whole milliseconds.
        const range = { from: from === undefined ? undefined : from.ms + Number(from.ns > 0), to: to?.ms };
        return listSnapshots(store.read, id, range, limit).map(snapshotView);
      },
    }),
  ];
}

function scheduleView(row: SnapshotScheduleRow) {
  return {
    id: row.id,
    camera_id: row.cameraId,
    interval_seconds: row.intervalSeconds,
    enabled: row.enabled,
    last_fired_at: row.lastFiredAt === null ? null : formatRfc3339(row.lastFiredAt),
    created_at: formatRfc3339(row.createdAt),
    updated_at: formatRfc3339(row.updatedAt),
  };
}

function snapshotView(row: SnapshotRow) {
  return {
    id: row.id,
    camera_id: row.cameraId,
    schedule_id: row.scheduleId,
    // Where the file lies on this machine concerns nobody; the path is relative to the snapshots.
    path: row.path,
    taken_at: formatRfc3339(row.takenAt),
    size_bytes: row.sizeBytes,
    created_at: formatRfc3339(row.createdAt),
    url: `/media/snapshots/${row.path}`,
  };
}
