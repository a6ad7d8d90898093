/** What should run for this camera now: which recorder, or none, and why? */
import type { Camera } from '../cameras/registry.ts';
import { recordUrl } from '../cameras/stream-url.ts';
import { readCameraSecrets } from '../store/camera-queries.ts';
import type { OutageCause } from '../store/outages.ts';
import { enabledSchedules } from '../store/schedule-queries.ts';
import type { Store } from '../store/store.ts';
import type { RecorderSpec } from './camera-recorder.ts';
import { decideRecording, type RecordingDecision } from './policy.ts';
import { ringSegmentSeconds } from './ring.ts';
import type { RecordingRoots } from './roots.ts';
import { windowState, type WindowState } from './windows.ts';

export interface Wanted {
  readonly decision: RecordingDecision;
  /** The recorder it takes; null: none. */
  readonly spec: RecorderSpec | null;
  /** Why there can be none although one is wanted, or null. */
  readonly fault: RecordingFault | null;
  /** Its root takes recordings now. */
  readonly canStore: boolean;
}

export interface RecordingFault {
  readonly cause: Extract<OutageCause, 'no_url' | 'disk'>;
  /** What is wrong, where, and how to mend it. */
  readonly detail: string;
}

export function wantedRecording(options: {
  store: Pick<Store, 'read' | 'keyring'>;
  camera: Camera;
  recorderEnabled: boolean;
  /** Of the server; a camera may have its own. */
  timeZone: string;
  /** ms since the epoch. */
  now: number;
  triggeredUntil: number | null;
  roots: Pick<RecordingRoots, 'fault'>;
}): Wanted {
  const { store, camera } = options;
  const root = camera.recordingsRoot ?? '';
  const storage = options.roots.fault(root);
  const common = { canStore: storage === null, fault: null };
  const decision = decideRecording({ ...options, window: windowOf(options) });
  const kind = recorderKind(decision, camera);
  if (kind === null) return { ...common, decision, spec: null };
  const url = recordUrl({ ...camera, ...readCameraSecrets(store, camera.id) });
  if (url === null) {
    const stream = camera.recordStream;
    const detail = `no URL for the ${stream} stream: give ${stream}_stream_url, or an address and a vendor with a template`;
    return { ...common, decision, spec: null, fault: { cause: 'no_url', detail } };
  }
  // A ring needs no root before a trigger.
  if (kind === 'direct' && storage !== null)
    return { ...common, decision, spec: null, fault: { cause: 'disk', detail: storage.detail } };
  const segmentSeconds = kind === 'ring' ? ringSegmentSeconds : Math.max(2, camera.segmentSeconds);
  return { ...common, decision, spec: { kind, url, segmentSeconds, recordAudio: camera.recordAudio, root } };
}

/** Windows are looked at only where they matter. */
function windowOf(options: Parameters<typeof wantedRecording>[0]): WindowState {
  const { store, camera, timeZone, now } = options;
  return camera.recordMode === 'scheduled' || camera.recordMode === 'scheduled_event'
    ? windowState(enabledSchedules(store.read, camera.id), camera.timeZone ?? timeZone, now)
    : { isOpen: false, changesAt: null };
}

/** What is recorded for a trigger comes out of the ring, unless there is nothing to keep from before it. */
function recorderKind(decision: RecordingDecision, camera: Camera): RecorderSpec['kind'] | null {
  switch (decision.do) {
    case 'record':
      return decision.reason === 'event' && camera.preRollSeconds > 0 ? 'ring' : 'direct';
    case 'arm':
      return camera.preRollSeconds > 0 ? 'ring' : null;
    case 'rest':
    case 'nothing':
      return null;
  }
}

/** May this recorder go on? One that records into the index directly does so for any reason to record. */
export function suits(running: RecorderSpec, wanted: Wanted, directSeconds: number): boolean {
  const { decision, spec } = wanted;
  if (spec === null || running.url !== spec.url || running.recordAudio !== spec.recordAudio) return false;
  if (running.root !== spec.root) return false;
  if (running.kind === 'direct' && decision.do === 'record')
    return wanted.canStore && running.segmentSeconds === Math.max(2, directSeconds);
  return running.kind === spec.kind && running.segmentSeconds === spec.segmentSeconds;
}
