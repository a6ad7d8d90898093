/** Which events the media plane raises, and what they say. */
import { formatRfc3339 } from '@heldar/plugin-sdk';
import type { Camera } from '../cameras/registry.ts';
import { asUuid, newHex } from '../ids.ts';
import type { GapCause } from '../store/gaps.ts';
import type { NewEvent } from '../store/units.ts';

type About = Pick<Camera, 'id' | 'siteId'>;

/** Said once when a camera's recording ends without being asked to. */
export function cameraOffline(camera: About, now: number, ranMs: number, detail: string): NewEvent {
  return kernelEvent(camera, now, 'camera_offline', 'warning', {
    ran_seconds: Math.floor(ranMs / 1000),
    detail,
  });
}

/** Answers `camera_offline` or `recorder_error` once the camera records again. */
export function cameraOnline(camera: About, now: number, offlineMs: number | null): NewEvent {
  return kernelEvent(camera, now, 'camera_online', 'info', {
    offline_seconds: offlineMs === null ? null : Math.floor(offlineMs / 1000),
  });
}

/** Said once when recording is at fault, not the camera. */
export function recorderError(camera: About, now: number, reason: string): NewEvent {
  return kernelEvent(camera, now, 'recorder_error', 'warning', { reason });
}

/** Said once when a camera is recorded without the sound that was asked for, because it can't be. */
export function audioDropped(camera: About, now: number, codec: string, detail: string): NewEvent {
  return kernelEvent(camera, now, 'audio_dropped', 'warning', { codec, detail });
}

/** A hole in recording time that was meant to be covered. */
export function recordingGap(
  camera: About,
  now: number,
  gap: { start: number; end: number; cause: GapCause },
): NewEvent {
  return kernelEvent(camera, now, 'recording_gap', 'warning', {
    gap_seconds: Math.floor((gap.end - gap.start) / 1000),
    prev_end: formatRfc3339(gap.start),
    next_start: formatRfc3339(gap.end),
    cause: gap.cause,
  });
}

/** Said once when a recordings root can't be used: nothing is recorded to it until `storage_recovered`. */
export function storageFault(
  root: string,
  now: number,
  fault: { readonly reason: string; readonly detail: string },
): NewEvent {
  return kernelEvent(null, now, 'storage_fault', 'critical', { root, ...fault });
}

/** Answers `storage_fault`. */
export function storageRecovered(root: string, now: number): NewEvent {
  return kernelEvent(null, now, 'storage_recovered', 'info', { root });
}

/** Said once of a file that can't be read as footage. */
export function recordingQuarantined(
  camera: About,
  now: number,
  file: { readonly root: string; readonly path: string; readonly reason: string; readonly sizeBytes: number },
): NewEvent {
  const { root, path, reason, sizeBytes } = file;
  return kernelEvent(camera, now, 'recording_quarantined', 'warning', {
    root,
    path,
    reason,
    size_bytes: sizeBytes,
  });
}

/** Said once a sampler's outage. */
export function samplerOffline(camera: About, now: number, profile: string, detail: string): NewEvent {
  return kernelEvent(camera, now, 'sampler_offline', 'warning', { profile, detail });
}

/** Said once when the segments of a camera can't be copied to the mirror. */
export function mirrorOffline(camera: About, now: number, reason: string): NewEvent {
  return kernelEvent(camera, now, 'mirror_offline', 'warning', { reason });
}

/** Answers `mirror_offline` once copies succeed again; those that were missed follow. */
export function mirrorOnline(camera: About, now: number, offlineMs: number): NewEvent {
  return kernelEvent(camera, now, 'mirror_online', 'info', { offline_seconds: Math.floor(offlineMs / 1000) });
}

/** Retention's own: about no single camera unless one is named. */
export function retentionEvent(
  camera: About | null,
  now: number,
  type: 'retention_delete' | 'disk_pressure' | 'disk_pressure_over',
  severity: 'info' | 'warning' | 'critical',
  payload: object,
): NewEvent {
  return kernelEvent(camera, now, type, severity, payload);
}

function kernelEvent(
  camera: About | null,
  now: number,
  type: string,
  severity: string,
  payload: object,
): NewEvent {
  return {
    id: asUuid(newHex(now)),
    cameraId: camera?.id ?? null,
    siteId: camera?.siteId ?? null,
    type,
    severity,
    atMs: now,
    payload: JSON.stringify(payload),
    source: 'kernel',
  };
}
