/** Should this camera be recorded now, and if not, why? */
import type { CameraRow } from '../store/cameras.ts';

export type RecordingDecision =
  | { readonly record: true }
  | { readonly record: false; readonly state: 'disabled' | 'error'; readonly detail: string };

export interface RecordingFacts {
  readonly camera: Pick<CameraRow, 'enabled' | 'recordEnabled' | 'recordMode' | 'recordStream'>;
  /** The recorder's master switch. */
  readonly recorderEnabled: boolean;
  /** A URL of the recorded stream can be derived. */
  readonly hasUrl: boolean;
}

export function decideRecording({ camera, recorderEnabled, hasUrl }: RecordingFacts): RecordingDecision {
  if (!recorderEnabled) return disabled('the recorder is switched off (HELDAR_RECORDER_ENABLED)');
  if (!camera.enabled) return disabled('the camera is disabled');
  if (!camera.recordEnabled) return disabled('recording is disabled for this camera');
  if (camera.recordMode !== 'continuous')
    return disabled(`record mode '${camera.recordMode}' is not available in this version; use 'continuous'`);
  if (!hasUrl)
    return {
      record: false,
      state: 'error',
      detail: `no URL for the ${camera.recordStream} stream: give ${camera.recordStream}_stream_url, or an address and a vendor with a template`,
    };
  return { record: true };
}

function disabled(detail: string): RecordingDecision {
  return { record: false, state: 'disabled', detail };
}
