/** Which recorder should this camera have? */
import type { Camera } from '../cameras/registry.ts';
import { recordUrl } from '../cameras/stream-url.ts';
import { readCameraSecrets } from '../store/camera-queries.ts';
import type { OutageCause } from '../store/outages.ts';
import type { Store } from '../store/store.ts';
import type { RecorderSpec } from './camera-recorder.ts';
import { decideRecording } from './policy.ts';
import type { RecordingRoots } from './roots.ts';

/** A recorder with this spec, or none, and why. */
export type Wanted =
  | { readonly record: true; readonly spec: RecorderSpec }
  | {
      readonly record: false;
      readonly state: 'disabled' | 'error';
      readonly detail: string;
      /** What explains the time without footage. */
      readonly cause: OutageCause;
    };

export function wantedRecording(
  store: Pick<Store, 'read'>,
  camera: Camera,
  recorderEnabled: boolean,
  roots: Pick<RecordingRoots, 'fault'>,
): Wanted {
  const url = recordUrl({ ...camera, ...readCameraSecrets(store.read, camera.id) });
  const decision = decideRecording({ camera, recorderEnabled, hasUrl: url !== null });
  if (!decision.record) return { ...decision, cause: decision.state === 'error' ? 'no_url' : 'not_wanted' };
  const { segmentSeconds, recordAudio, recordingsRoot } = camera;
  const root = recordingsRoot ?? '';
  const fault = roots.fault(root);
  if (fault !== null) return { record: false, state: 'error', cause: 'disk', detail: fault.detail };
  return {
    record: true,
    spec: { url: url ?? '', segmentSeconds: Math.max(2, segmentSeconds), recordAudio, root },
  };
}

export function sameSpec(a: RecorderSpec, b: RecorderSpec): boolean {
  return (
    a.url === b.url &&
    a.segmentSeconds === b.segmentSeconds &&
    a.recordAudio === b.recordAudio &&
    a.root === b.root
  );
}
