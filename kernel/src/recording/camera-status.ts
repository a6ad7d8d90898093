/** What is said of a camera's recording, and when: states as they are, events only on transitions. */
import type { Logger } from '@heldar/plugin-sdk';
import type { Camera } from '../cameras/registry.ts';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { readCameraStatus } from '../store/camera-queries.ts';
import type { StatusChange } from '../store/cameras.ts';
import type { Store } from '../store/store.ts';
import type { NewEvent } from '../store/units.ts';
import { cameraOffline, cameraOnline, recorderError } from '../media/media-events.ts';

type StatusCamera = Pick<Camera, 'id' | 'siteId' | 'incarnation'>;

/** None of these rejects: a status that can't be stored is logged, and recording goes on. */
export interface CameraStatus {
  connecting(): Promise<void>;
  /** The process runs; it does not record before `recording`. */
  started(pid: number | null): Promise<void>;
  recording(startedAt: number): Promise<void>;
  /** The stream ended or never came. */
  offline(ranMs: number, detail: string): Promise<void>;
  /** The recorder itself is at fault. */
  failed(reason: string): Promise<void>;
  /** Nobody records it, on purpose. */
  disabled(detail: string): Promise<void>;
  /** The kernel ends: an outage stays one, everything else is unknown from now on. */
  stopped(): Promise<void>;
}

/** `last_error` is kept this short. */
const longestError = 800;

/**
 * An outage has one event at its start and one at its end. One that was reported before a restart of the kernel is
 * recognised by the state that was left behind, and not reported again.
 */
export function createCameraStatus(options: {
  camera: StatusCamera;
  store: Pick<Store, 'read' | 'write'>;
  clock: Clock;
  log: Logger;
}): CameraStatus {
  const { camera, store, clock, log } = options;
  const left = readCameraStatus(store.read, camera.id);
  let outage: 'offline' | 'error' | null =
    left?.state === 'offline' || left?.state === 'error' ? left.state : null;
  let outageSince: number | null = outage === null ? null : (left?.updatedAt ?? null);

  const write = async (change: StatusChange, events: readonly NewEvent[] = []) => {
    try {
      await store.write('cameras.status', { incarnation: camera.incarnation, change, events });
    } catch (error) {
      log.error({ camera: camera.id, reason: messageOf(error) }, 'the status could not be stored');
    }
  };
  const begin = (kind: 'offline' | 'error') => {
    const isNew = outage !== kind;
    if (outage === null) outageSince = clock.now();
    outage = kind;
    return isNew;
  };

  return {
    connecting: () => write({ state: 'connecting', stateDetail: null, recorderPid: null }),
    started: (pid) => write({ recorderPid: pid }),
    recording(startedAt) {
      const now = clock.now();
      const events =
        outage === null ? [] : [cameraOnline(camera, now, outageSince === null ? null : now - outageSince)];
      outage = null;
      outageSince = null;
      return write(
        { state: 'recording', stateDetail: null, lastStartedAt: startedAt, lastError: null },
        events,
      );
    },
    offline(ranMs, detail) {
      const events = begin('offline') ? [cameraOffline(camera, clock.now(), ranMs, detail)] : [];
      const lastError = detail.slice(-longestError);
      return write({ state: 'offline', recorderPid: null, lastError, reconnects: 1 }, events);
    },
    failed(reason) {
      const events = begin('error') ? [recorderError(camera, clock.now(), reason)] : [];
      return write(
        { state: 'error', stateDetail: null, recorderPid: null, lastError: reason.slice(-longestError) },
        events,
      );
    },
    async disabled(detail) {
      const now = readCameraStatus(store.read, camera.id);
      outage = null;
      outageSince = null;
      if (now?.state === 'disabled' && now.stateDetail === detail && now.recorderPid === null) return;
      await write({ state: 'disabled', stateDetail: detail, recorderPid: null, lastError: null });
    },
    stopped: () =>
      outage === null
        ? write({ state: 'unknown', stateDetail: 'the kernel is stopped', recorderPid: null })
        : write({ state: outage, recorderPid: null }),
  };
}
