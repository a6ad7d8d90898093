/** What is said of a camera's recording, and when: states as they are, events and log lines only on transitions. */
import type { Logger } from '@heldar/plugin-sdk';
import type { Camera } from '../cameras/registry.ts';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { audioDropped, cameraOffline, cameraOnline, recorderError } from '../media/media-events.ts';
import { readCameraStatus, type CameraStatusRow } from '../store/camera-queries.ts';
import type { StatusChange } from '../store/cameras.ts';
import type { Store } from '../store/store.ts';
import type { NewEvent } from '../store/units.ts';

type StatusCamera = Pick<Camera, 'id' | 'siteId' | 'incarnation'>;

/** None of these rejects: a status that can't be stored is logged, and recording goes on. */
export interface CameraStatus {
  connecting(): Promise<void>;
  /** The process runs; it does not record before `recording`. */
  started(pid: number | null): Promise<void>;
  /** The stream flows into a recording. */
  recording(startedAt: number): Promise<void>;
  /** The stream flows, and is kept for a while only: nothing is recorded until a trigger comes. */
  armed(detail: string): Promise<void>;
  /** No process runs until something comes: a trigger, a window. An outage is not over. */
  resting(detail: string): Promise<void>;
  /** The stream ended or never came. */
  offline(ranMs: number, detail: string): Promise<void>;
  /** The recorder itself is at fault. */
  failed(reason: string): Promise<void>;
  /** Somebody switched it off. */
  disabled(detail: string): Promise<void>;
  /** Sound was asked for and is there, but is not recorded. */
  audioDropped(codec: string, detail: string): Promise<void>;
  /** The kernel ends: an outage stays one, everything else is unknown from now on. */
  stopped(): Promise<void>;
}

/** `last_error` is kept this short. */
const longestError = 800;

type OutageKind = 'offline' | 'error';

/**
 * An outage has one event at its start and one at its end, when the stream flows again. One that was reported before a pause or a restart of
 * the kernel is recognised by the row that was left behind, and not reported again.
 */
export function createCameraStatus(options: {
  camera: StatusCamera;
  store: Pick<Store, 'read' | 'write'>;
  clock: Clock;
  log: Logger;
}): CameraStatus {
  const { camera, store, clock, log } = options;
  const left = readCameraStatus(store.read, camera.id);
  let outage = outageOf(left);
  let outageSince: number | null = outage === null ? null : (left?.updatedAt ?? null);
  let isRecording = false;
  let saidOfAudio: string | null = null;

  const write = async (change: StatusChange, events: readonly NewEvent[] = []) => {
    try {
      await store.write('cameras.status', { incarnation: camera.incarnation, change, events });
    } catch (error) {
      log.error({ camera: camera.id, reason: messageOf(error) }, 'the status could not be stored');
    }
  };
  const begin = (kind: OutageKind, reason: string) => {
    const isNew = outage !== kind;
    if (outage === null) outageSince = clock.now();
    outage = kind;
    isRecording = false;
    if (isNew)
      log.warn({ camera: camera.id, reason }, kind === 'offline' ? 'offline' : 'recording is at fault');
    return isNew;
  };
  /** Answers what tells of the end, if there was an outage. */
  const end = (): NewEvent[] => {
    if (outage === null) return [];
    const now = clock.now();
    const outageMs = outageSince === null ? null : now - outageSince;
    outage = null;
    outageSince = null;
    log.info({ camera: camera.id, outageMs }, 'online again');
    return [cameraOnline(camera, now, outageMs)];
  };
  const pause = async (detail: string, change: StatusChange, events: readonly NewEvent[] = []) => {
    isRecording = false;
    const row = readCameraStatus(store.read, camera.id);
    const isSaid = row?.state === 'disabled' && row.stateDetail === detail;
    if (isSaid && events.length === 0 && isIn(change, row)) return;
    if (!isSaid) log.info({ camera: camera.id }, `not recorded: ${detail}`);
    await write({ ...change, state: 'disabled', stateDetail: detail }, events);
  };

  return {
    connecting: () => write({ state: 'connecting', stateDetail: null, recorderPid: null }),
    started: (pid) => write({ recorderPid: pid }),
    recording(startedAt) {
      const events = end();
      if (!isRecording && events.length === 0) log.info({ camera: camera.id }, 'recorded');
      isRecording = true;
      const change = {
        state: 'recording',
        stateDetail: null,
        lastStartedAt: startedAt,
        lastError: null,
      } as const;
      return write(change, events);
    },
    armed: (detail) => pause(detail, { lastError: null }, end()),
    resting: (detail) => pause(detail, { recorderPid: null }),
    offline(ranMs, detail) {
      const events = begin('offline', detail) ? [cameraOffline(camera, clock.now(), ranMs, detail)] : [];
      const lastError = detail.slice(-longestError);
      return write({ state: 'offline', recorderPid: null, lastError, reconnects: 1 }, events);
    },
    failed(reason) {
      const events = begin('error', reason) ? [recorderError(camera, clock.now(), reason)] : [];
      return write(
        { state: 'error', stateDetail: null, recorderPid: null, lastError: reason.slice(-longestError) },
        events,
      );
    },
    disabled(detail) {
      outage = null;
      outageSince = null;
      return pause(detail, { recorderPid: null, lastError: null });
    },
    async audioDropped(codec, detail) {
      if (saidOfAudio === codec) return;
      saidOfAudio = codec;
      log.warn({ camera: camera.id, codec, reason: detail }, 'recorded without sound');
      await write({}, [audioDropped(camera, clock.now(), codec, detail)]);
    },
    stopped: () =>
      outage === null
        ? write({ state: 'unknown', stateDetail: 'the kernel is stopped', recorderPid: null })
        : write({ state: outage, recorderPid: null }),
  };
}

function isIn({ recorderPid, lastError }: StatusChange, row: CameraStatusRow): boolean {
  return (
    (recorderPid === undefined || recorderPid === row.recorderPid) &&
    (lastError === undefined || lastError === row.lastError)
  );
}

/** A camera that rests or connects during an outage keeps the error: the outage is not over before it delivers again. */
function outageOf(left: CameraStatusRow | undefined): OutageKind | null {
  if (left?.state === 'offline' || left?.state === 'error') return left.state;
  const isBetween = left?.state === 'disabled' || left?.state === 'connecting';
  return isBetween && left.lastError !== null ? 'offline' : null;
}
