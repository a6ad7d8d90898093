/** Recording windows over HTTP. A change of one touches the recorder only when something else is to be recorded now. */
import { formatRfc3339, z } from '@heldar/plugin-sdk';
import type { Clock } from '../../clock.ts';
import { HeldarError } from '../../errors.ts';
import { newId } from '../../ids.ts';
import type { Fleet } from '../../recording/fleet.ts';
import { paddedTime } from '../../recording/window-times.ts';
import { listSchedules, readSchedule, type ScheduleRow } from '../../store/schedule-queries.ts';
import type { ScheduleColumns } from '../../store/schedules.ts';
import type { Store } from '../../store/store.ts';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';

export interface RecordingScheduleRoutesOptions {
  readonly store: Pick<Store, 'read' | 'write'>;
  readonly fleet: Pick<Fleet, 'reconcile'>;
  readonly clock: Clock;
}

const cameraParams = z.object({ id: z.string() });
const scheduleParams = z.object({ schedule_id: z.string() });
const days = z
  .array(z.int().min(0, 'must be 0 (Monday) to 6 (Sunday)').max(6, 'must be 0 (Monday) to 6 (Sunday)'))
  .min(1, 'must name at least one day, 0 = Monday to 6 = Sunday')
  .transform((listed) => [...new Set(listed)].sort((a, b) => a - b));
const time = z
  .string()
  .regex(/^\s*\d{1,2}:\d{1,2}\s*$/, 'must be hours and minutes, for instance 08:30')
  .transform(paddedTime);

const createBody = z
  .object({ days, time_start: time, time_end: time, enabled: z.boolean().nullish() })
  .meta({ id: 'NewRecordSchedule' });
/** Absent and null keep a value. */
const updateBody = z
  .object({
    days: days.nullish(),
    time_start: time.nullish(),
    time_end: time.nullish(),
    enabled: z.boolean().nullish(),
  })
  .meta({ id: 'RecordScheduleChange' });
const scheduleOutput = z
  .object({
    id: z.string(),
    camera_id: z.string(),
    days: z.array(z.int()),
    time_start: z.string(),
    time_end: z.string(),
    enabled: z.boolean(),
    created_at: z.string(),
    updated_at: z.string(),
  })
  .meta({ id: 'RecordSchedule' });

export function recordingScheduleRoutes(options: RecordingScheduleRoutesOptions): KernelRoute[] {
  const { store, fleet, clock } = options;

  /** A window of a camera the caller may not see answers as if it did not exist. */
  const find = (id: string, cameras: { includes(cameraId: string): boolean }): ScheduleRow => {
    const row = readSchedule(store.read, id);
    if (row === undefined || !cameras.includes(row.cameraId))
      throw new HeldarError('not_found', `schedule ${id} not found`);
    return row;
  };

  return [
    kernelRoute.get('/api/v1/cameras/:id/schedules', {
      summary: 'Recording windows of a camera, oldest first',
      capability: 'view',
      scope: { camera: 'params.id' },
      params: cameraParams,
      output: z.array(scheduleOutput),
      handle: ({ params }) => listSchedules(store.read, params.id).map(scheduleView),
    }),
    kernelRoute.post('/api/v1/cameras/:id/schedules', {
      summary: "Add a recording window, in the camera's time zone; it counts in the scheduled modes",
      capability: 'manage_registry',
      scope: { camera: 'params.id' },
      audit: { action: 'create_record_schedule', target: 'camera_schedule' },
      params: cameraParams,
      body: createBody,
      output: scheduleOutput,
      status: 201,
      async handle({ params, body, cameras, audit }) {
        const id = newId('recsch', clock.now());
        const columns: ScheduleColumns = {
          days: body.days,
          timeStart: body.time_start,
          timeEnd: body.time_end,
          enabled: body.enabled ?? true,
        };
        await store.write('schedules.create', { id, cameraId: params.id, columns }, audit(id));
        await fleet.reconcile(params.id);
        return scheduleView(find(id, cameras));
      },
    }),
    kernelRoute.patch('/api/v1/schedules/:schedule_id', {
      summary: 'Change a recording window',
      capability: 'manage_registry',
      scope: { rows: 'cameras' },
      audit: { action: 'update_record_schedule', target: 'camera_schedule' },
      params: scheduleParams,
      body: updateBody,
      output: scheduleOutput,
      async handle({ params, body, cameras, audit }) {
        const { id, cameraId } = find(params.schedule_id, cameras);
        const change = { id, columns: changedColumns(body) };
        await store.write('schedules.update', change, audit(id, { camera: cameraId }));
        await fleet.reconcile(cameraId);
        return scheduleView(find(id, cameras));
      },
    }),
    kernelRoute.delete('/api/v1/schedules/:schedule_id', {
      summary: 'Remove a recording window',
      capability: 'manage_registry',
      scope: { rows: 'cameras' },
      audit: { action: 'delete_record_schedule', target: 'camera_schedule' },
      params: scheduleParams,
      async handle({ params, cameras, audit }) {
        const { id, cameraId } = find(params.schedule_id, cameras);
        await store.write('schedules.delete', { id }, audit(id, { camera: cameraId }));
        await fleet.reconcile(cameraId);
      },
    }),
  ];
}

function changedColumns(body: z.output<typeof updateBody>): Partial<ScheduleColumns> {
  return {
    ...(body.days === undefined || body.days === null ? {} : { days: body.days }),
    ...(typeof body.time_start === 'string' ? { timeStart: body.time_start } : {}),
    ...(typeof body.time_end === 'string' ? { timeEnd: body.time_end } : {}),
    ...(typeof body.enabled === 'boolean' ? { enabled: body.enabled } : {}),
  };
}

function scheduleView(row: ScheduleRow) {
  return {
    id: row.id,
    camera_id: row.cameraId,
    days: row.days,
    time_start: row.timeStart,
    time_end: row.timeEnd,
    enabled: row.enabled,
    created_at: formatRfc3339(row.createdAt),
    updated_at: formatRfc3339(row.updatedAt),
  };
}
