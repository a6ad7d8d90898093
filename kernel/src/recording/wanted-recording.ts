/** Which recorder should this camera have? */
import type { Camera } from '../cameras/registry.ts';
import { recordUrl } from '../cameras/stream-url.ts';
import { readCameraSecrets } from '../store/camera-queries.ts';
import type { Store } from '../store/store.ts';
import type { RecorderSpec } from './camera-recorder.ts';
import { decideRecording } from './policy.ts';

/** A recorder with this spec, or none, and why. */
export type Wanted =
  | { readonly record: true; readonly spec: RecorderSpec }
  | { readonly record: false; readonly state: 'disabled' | 'error'; readonly detail: string };

export function wantedRecording(
  store: Pick<Store, 'read'>,
  camera: Camera,
  recorderEnabled: boolean,
): Wanted {
  const url = recordUrl({ ...camera, ...readCameraSecrets(store.read, camera.id) });
  const decision = decideRecording({ camera, recorderEnabled, hasUrl: url !== null });
  if (!decision.record) return decision;
  const { segmentSeconds, recordAudio } = camera;
  return { record: true, spec: { url: url ?? '', segmentSeconds: Math.max(2, segmentSeconds), recordAudio } };
}

export function sameSpec(a: RecorderSpec, b: RecorderSpec): boolean {
  return a.url === b.url && a.segmentSeconds === b.segmentSeconds && a.recordAudio === b.recordAudio;
}
