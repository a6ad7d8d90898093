/** How cameras fare, over HTTP. */
import { z } from '@heldar/plugin-sdk';
import { statusView } from '../../cameras/view.ts';
import { HeldarError } from '../../errors.ts';
import { listCameraStatus, readCameraStatus } from '../../store/camera-queries.ts';
import { listMirrorStatus, readMirrorStatus } from '../../store/mirror-queries.ts';
import type { Store } from '../../store/store.ts';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';

const nullableText = z.string().nullable();
const nullableNumber = z.number().nullable();
const statusOutput = z
  .object({
    camera_id: z.string(),
    state: z.enum(['unknown', 'disabled', 'connecting', 'recording', 'offline', 'error']),
    state_detail: nullableText,
    last_segment_at: nullableText,
    last_started_at: nullableText,
    reconnect_count: z.int(),
    segments_written: z.int(),
    fps_observed: nullableNumber,
    bitrate_kbps: nullableNumber,
    last_error: nullableText,
    recorder_pid: z.int().nullable(),
    mirror_state: z.enum(['disabled', 'connecting', 'recording', 'offline', 'error']),
    mirror_last_segment_at: nullableText,
    mirror_last_error: nullableText,
    updated_at: z.string(),
  })
  .meta({ id: 'CameraStatus' });

export function cameraStatusRoutes({ store }: { store: Pick<Store, 'read'> }): KernelRoute[] {
  return [
    kernelRoute.get('/api/v1/health/cameras', {
      summary: 'Status of every camera, ascending by camera id',
      capability: 'view',
      scope: { rows: 'cameras' },
      output: z.array(statusOutput),
      handle({ cameras }) {
        const mirrors = listMirrorStatus(store.read);
        return listCameraStatus(store.read)
          .filter(({ cameraId }) => cameras.includes(cameraId))
          .map((row) => statusView(row, mirrors.get(row.cameraId)));
      },
    }),
    kernelRoute.get('/api/v1/cameras/:id/health', {
      summary: 'Status of one camera',
      capability: 'view',
      scope: { camera: 'params.id' },
      params: z.object({ id: z.string() }),
      output: statusOutput,
      handle({ params: { id } }) {
        const row = readCameraStatus(store.read, id);
        if (row === undefined) throw new HeldarError('not_found', `camera ${id} not found`);
        return statusView(row, readMirrorStatus(store.read, id));
      },
    }),
  ];
}
