/** How the node fares, and what its retention is about to do, over HTTP. */
import { formatRfc3339, z } from '@heldar/plugin-sdk';
import type { SystemReport, SystemReports } from '../../observe/system-report.ts';
import type { Retention, RetentionReport } from '../../recording/retention.ts';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';

const nullableText = z.string().nullable();
const overlayOutput = z
  .object({
    enabled: z.boolean(),
    kind: z.string(),
    iface: nullableText,
    present: z.boolean(),
    operstate: nullableText,
    up: z.boolean(),
    note: z.string(),
  })
  .meta({ id: 'OverlayStatus' });
const diskOutput = z
  .object({
    total_bytes: z.int(),
    free_bytes: z.int(),
    used_bytes: z.int(),
    used_percent: z.number(),
  })
  .meta({ id: 'DiskStats' });
const storageOutput = z
  .object({
    disk: diskOutput.nullable(),
    recordings_bytes: z.int(),
    segment_count: z.int(),
    oldest_segment: nullableText,
    newest_segment: nullableText,
    write_rate_bytes_per_day: z.int(),
    projected_days_remaining: z.number().nullable(),
  })
  .meta({ id: 'StorageReport' });
const systemOutput = z
  .object({
    name: z.string(),
    version: z.string(),
    started_at: z.string(),
    uptime_seconds: z.int(),
    recorder_enabled: z.boolean(),
    cameras_total: z.int(),
    cameras_recording: z.int(),
    active_recorders: z.int(),
    segments_total: z.int(),
    recordings_bytes: z.int(),
    recordings_gb: z.number(),
    max_recordings_gb: z.number(),
    storage: storageOutput,
    remote_access: overlayOutput,
    disk_health_ok: z.boolean(),
    last_disk_alert_at: nullableText,
    live_transcode_engine: z.string(),
  })
  .meta({ id: 'SystemInfo' });

const reasonOutput = z.enum(['free_floor', 'age', 'camera_quota', 'size_cap']);
const retentionOutput = z
  .object({
    limits: z.object({ max_recordings_bytes: z.number(), min_free_bytes: z.number() }),
    roots: z.array(
      z.object({
        root: z.string(),
        state: z.enum(['ours', 'missing', 'foreign']),
        fault: nullableText,
        total_bytes: z.int().nullable(),
        free_bytes: z.int().nullable(),
      }),
    ),
    cameras: z.array(
      z.object({
        camera_id: z.string(),
        retention_hours: z.int(),
        quota_bytes: z.number().nullable(),
        size_bytes: z.int(),
        held_bytes: z.int(),
        share_bytes: z.int().nullable(),
      }),
    ),
    next: z.array(
      z.object({
        reason: reasonOutput,
        root: nullableText,
        bytes: z.int(),
        segments: z.array(
          z.object({ id: z.string(), camera_id: z.string(), end_time: z.string(), size_bytes: z.int() }),
        ),
      }),
    ),
    standing: z.array(
      z.object({
        camera_id: nullableText,
        severity: z.string(),
        since: z.string(),
        payload: z.looseObject({}),
      }),
    ),
    last_sweep: z
      .object({
        started_at: z.string(),
        ended_at: z.string(),
        deleted: z.int(),
        failed: z.array(z.string()),
      })
      .nullable(),
  })
  .meta({ id: 'RetentionReport' });

const gib = 2 ** 30;

export function systemRoutes(options: {
  readonly name: string;
  readonly version: string;
  readonly recorderEnabled: boolean;
  readonly maxRecordingsGb: number;
  readonly liveTranscodeEngine: string;
  readonly reports: SystemReports;
  readonly retention: Pick<Retention, 'report'>;
}): KernelRoute[] {
  return [
    kernelRoute.get('/api/v1/system', {
      summary: 'System report: figures of the cameras that the caller sees, and of the node',
      capability: 'view',
      scope: { rows: 'cameras' },
      output: systemOutput,
      async handle({ cameras }) {
        const report = await options.reports.read((id) => cameras.includes(id));
        return {
          name: options.name,
          version: options.version,
          started_at: formatRfc3339(report.startedAt),
          uptime_seconds: report.uptimeSeconds,
          recorder_enabled: options.recorderEnabled,
          cameras_total: report.camerasTotal,
          cameras_recording: report.camerasRecording,
          active_recorders: report.activeRecorders,
          segments_total: report.segments,
          recordings_bytes: report.recordingsBytes,
          recordings_gb: report.recordingsBytes / gib,
          max_recordings_gb: options.maxRecordingsGb,
          storage: storageView(report),
          remote_access: report.overlay,
          disk_health_ok: report.isDiskHealthy,
          last_disk_alert_at: timeView(report.lastDiskAlertAt),
          live_transcode_engine: options.liveTranscodeEngine,
        };
      },
    }),
    kernelRoute.get('/api/v1/system/retention', {
      summary: 'What retention would delete next and why, shares of cameras, what stands in its way',
      capability: 'view',
      scope: { rows: 'cameras' },
      output: retentionOutput,
      async handle({ cameras }) {
        return retentionView(await options.retention.report(), (id) => cameras.includes(id));
      },
    }),
  ];
}

function storageView(report: SystemReport): z.output<typeof storageOutput> {
  const { disk } = report;
  return {
    disk: disk && {
      total_bytes: disk.totalBytes,
      free_bytes: disk.freeBytes,
      used_bytes: disk.usedBytes,
      used_percent: disk.usedPercent,
    },
    recordings_bytes: report.recordingsBytes,
    segment_count: report.segments,
    oldest_segment: timeView(report.oldestSegment),
    newest_segment: timeView(report.newestSegment),
    write_rate_bytes_per_day: report.writtenBytesPerDay,
    projected_days_remaining: report.daysLeft,
  };
}

/** Rows about cameras that the caller does not see are left out. */
function retentionView(
  report: RetentionReport,
  sees: (cameraId: string) => boolean,
): z.output<typeof retentionOutput> {
  const { lastSweep } = report;
  return {
    limits: {
      max_recordings_bytes: report.limits.maxRecordingsBytes,
      min_free_bytes: report.limits.minFreeBytes,
    },
    roots: report.roots.map(({ name, state, disk }) => ({
      root: name,
      state: state.identity,
      fault: state.fault?.detail ?? null,
      total_bytes: disk?.totalBytes ?? null,
      free_bytes: disk?.freeBytes ?? null,
    })),
    cameras: report.cameras
      .filter(({ cameraId }) => sees(cameraId))
      .map((camera) => ({
        camera_id: camera.cameraId,
        retention_hours: camera.retentionHours,
        quota_bytes: camera.quotaBytes,
        size_bytes: camera.sizeBytes,
        held_bytes: camera.heldBytes,
        share_bytes: camera.shareBytes,
      })),
    next: report.next.flatMap((pass) => {
      const victims = pass.victims.filter(({ cameraId }) => sees(cameraId));
      return victims.length === 0 ? [] : [nextView(pass, victims)];
    }),
    standing: report.standing
      .filter(({ cameraId }) => cameraId === null || sees(cameraId))
      .map(({ cameraId, severity, since, payload }) => ({
        camera_id: cameraId,
        severity,
        since: formatRfc3339(since),
        payload,
      })),
    last_sweep: lastSweep && {
      started_at: formatRfc3339(lastSweep.startedAt),
      ended_at: formatRfc3339(lastSweep.endedAt),
      deleted: lastSweep.deleted,
      failed: [...lastSweep.failed],
    },
  };
}

function nextView(
  { reason, root }: RetentionReport['next'][number],
  victims: RetentionReport['next'][number]['victims'],
) {
  return {
    reason,
    root,
    bytes: victims.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    segments: victims.map(({ id, cameraId, endTime, sizeBytes }) => ({
      id,
      camera_id: cameraId,
      end_time: formatRfc3339(endTime),
      size_bytes: sizeBytes,
    })),
  };
}

function timeView(at: number | null): string | null {
  return at === null ? null : formatRfc3339(at);
}
