/** The metrics of the published contract: the store, the disk, each camera. */
import type { CameraFigures, StoreFigures } from '../store/metrics-queries.ts';
import type { Family, Point } from './family.ts';

export interface DiskFigures {
  readonly totalBytes: number;
  /** What an unprivileged process can still use. */
  readonly freeBytes: number;
  /** All that is not free, also for privileged processes. */
  readonly usedBytes: number;
  readonly usedPercent: number;
}

export interface ContractSample {
  readonly version: string;
  /** ms since the epoch. */
  readonly now: number;
  readonly store: StoreFigures;
  /** Null while a store that was just opened is still being counted. */
  readonly detections: number | null;
  /** Null: unreadable. */
  readonly disk: DiskFigures | null;
  readonly cameras: readonly CameraFigures[];
}

export const contractFamilies: readonly Family<ContractSample>[] = [
  {
    type: 'gauge',
    name: 'heldar_build_info',
    help: 'Always 1; the label tells the version.',
    labels: ['version'],
    read: ({ version }) => [{ labels: { version }, value: 1 }],
  },
  figure('heldar_cameras_total', 'Cameras registered.', ({ store }) => store.cameras),
  figure('heldar_cameras_recording', 'Cameras in state recording.', ({ store }) => store.camerasRecording),
  figure('heldar_segments_total', 'Recorded segments in the index.', ({ store }) => store.segments),
  figure('heldar_recordings_bytes', 'Bytes of the recorded segments.', ({ store }) => store.recordingsBytes),
  figure('heldar_ai_tasks_enabled', 'Enabled AI tasks.', ({ store }) => store.aiTasksEnabled),
  figure('heldar_detections_stored', 'Detections in the log.', ({ detections }) => detections),
  figure('heldar_disk_total_bytes', 'Size of the recordings file system.', (s) => s.disk?.totalBytes ?? null),
  figure('heldar_disk_free_bytes', 'Usable free bytes of it.', (s) => s.disk?.freeBytes ?? null),
  figure('heldar_disk_used_percent', 'Used share of it in percent.', (s) => s.disk?.usedPercent ?? null),
  {
    type: 'gauge',
    name: 'heldar_camera_up',
    help: '1 in state recording, else 0.',
    labels: ['camera', 'state'],
    read: ({ cameras }) =>
      cameras.map(({ camera_id: camera, state }) => ({
        labels: { camera, state },
        value: state === 'recording' ? 1 : 0,
      })),
  },
  {
    type: 'counter',
    name: 'heldar_camera_reconnects_total',
    help: 'Reconnections to the camera.',
    labels: ['camera'],
    read: (sample) => perCamera(sample, (camera) => camera.reconnect_count),
  },
  {
    type: 'counter',
    name: 'heldar_camera_segments_written_total',
    help: 'Segments recorded.',
    labels: ['camera'],
    read: (sample) => perCamera(sample, (camera) => camera.segments_written),
  },
  {
    type: 'gauge',
    name: 'heldar_camera_bitrate_kbps',
    help: 'Bit rate of the newest segment.',
    labels: ['camera'],
    read: (sample) => perCamera(sample, (camera) => camera.bitrate_kbps),
  },
  {
    type: 'gauge',
    name: 'heldar_camera_last_segment_age_seconds',
    help: 'Whole seconds since the end of the newest segment.',
    labels: ['camera'],
    read: (sample) =>
      perCamera(sample, ({ last_segment_at: at }) =>
        at === null ? null : Math.max(0, Math.floor((sample.now - at) / 1000)),
      ),
  },
];

function figure(
  name: string,
  help: string,
  read: (sample: ContractSample) => number | null,
): Family<ContractSample> {
  return { type: 'gauge', name, help, read };
}

/** No series for a camera whose value is unknown. */
function perCamera(
  { cameras }: ContractSample,
  read: (camera: CameraFigures) => number | null,
): readonly Point[] {
  return cameras.flatMap((camera) => {
    const value = read(camera);
    return value === null ? [] : [{ labels: { camera: camera.camera_id }, value }];
  });
}
