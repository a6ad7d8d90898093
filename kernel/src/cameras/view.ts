/** How a camera and its status look on the wire. */
import { formatRfc3339 } from '@heldar/plugin-sdk';
import type { CameraRow, CameraSecrets } from '../store/cameras.ts';
import type { CameraStatusRow } from '../store/camera-queries.ts';
import type { MirrorStatusRow } from '../store/mirrors.ts';
import { knownCredentials, maskText } from './mask.ts';
import { recordUrl } from './stream-url.ts';

/** Credentials and explicit stream URLs never leave; the recorded URL is masked. */
export function cameraView(row: CameraRow, secrets: CameraSecrets) {
  const source = { ...row, ...secrets };
  const known = knownCredentials(source);
  const masked = (url: string | null) => (url === null ? null : maskText(url, known));
  return {
    id: row.id,
    site_id: row.siteId,
    name: row.name,
    vendor: row.vendor,
    model: row.model,
    address: row.address,
    rtsp_port: row.rtspPort,
    username: row.username,
    has_password: secrets.password !== null && secrets.password !== '',
    record_stream: row.recordStream,
    record_url_masked: masked(recordUrl(source)),
    codec: row.codec,
    resolution_main: row.resolutionMain,
    resolution_sub: row.resolutionSub,
    fps_main: row.fpsMain,
    fps_sub: row.fpsSub,
    capabilities: row.capabilities,
    record_enabled: row.recordEnabled,
    segment_seconds: row.segmentSeconds,
    retention_hours: row.retentionHours,
    storage_quota_bytes: row.storageQuotaBytes,
    record_audio: row.recordAudio,
    record_mode: row.recordMode,
    pre_roll_seconds: row.preRollSeconds,
    post_roll_seconds: row.postRollSeconds,
    mirror_enabled: row.mirrorEnabled,
    anr_enabled: row.anrEnabled,
    anr_replay_url_template: masked(secrets.anrReplayUrlTemplate),
    enabled: row.enabled,
    time_zone: row.timeZone,
    recordings_root: row.recordingsRoot,
    created_at: formatRfc3339(row.createdAt),
    updated_at: formatRfc3339(row.updatedAt),
  };
}

/** `mirror`: undefined when nothing is known of a second copy. */
export function statusView(row: CameraStatusRow, mirror: MirrorStatusRow | undefined) {
  return {
    camera_id: row.cameraId,
    state: row.state,
    state_detail: row.stateDetail,
    last_segment_at: nullableTime(row.lastSegmentAt),
    last_started_at: nullableTime(row.lastStartedAt),
    reconnect_count: row.reconnectCount,
    segments_written: row.segmentsWritten,
    fps_observed: row.fpsObserved,
    bitrate_kbps: row.bitrateKbps,
    last_error: row.lastError,
    recorder_pid: row.recorderPid,
    mirror_state: mirror?.state ?? ('disabled' as const),
    mirror_last_segment_at: nullableTime(mirror?.lastSegmentAt ?? null),
    mirror_last_error: mirror?.lastError ?? null,
    updated_at: formatRfc3339(row.updatedAt),
  };
}

function nullableTime(ms: number | null): string | null {
  return ms === null ? null : formatRfc3339(ms);
}
