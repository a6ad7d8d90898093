/** What did a camera see at a moment, or what does it see now? One JPEG. */
import { knownCredentials, maskText } from '../cameras/mask.ts';
import type { CameraRegistry } from '../cameras/registry.ts';
import { sampledUrl } from '../cameras/stream-url.ts';
import type { Clock } from '../clock.ts';
import { HeldarError } from '../errors.ts';
import { readRecording } from '../media/mp4-fragments.ts';
import type { Recording } from '../media/recorded-samples.ts';
import type { Samplers } from '../media/samplers.ts';
import { takeStill, type StillSource } from '../media/still.ts';
import type { MediaTools } from '../media/tools.ts';
import type { Leases } from '../recording/leases.ts';
import { readCameraSecrets } from '../store/camera-queries.ts';
import { segmentAt, type SegmentRow } from '../store/segment-queries.ts';
import type { Store } from '../store/store.ts';
import { samplesOf, shownAt } from './cut.ts';
import type { LocateFootage } from './footage.ts';
import type { JobPool } from './job-pool.ts';

export interface Still {
  readonly jpeg: Buffer;
  /** When the picture was taken, ms since the epoch. */
  readonly takenAt: number;
}

export interface Stills {
  /** @throws HeldarError `not_found` when no segment spans the moment, `gateway` or `gateway_timeout` when there is no picture in it. */
  recorded(cameraId: string, at: number): Promise<Still>;
  /** @throws HeldarError `not_found`, `bad_request` without a stream URL, `gateway` or `gateway_timeout` without a picture. */
  live(cameraId: string): Promise<Still>;
}

export interface StillsOptions {
  readonly store: Pick<Store, 'read' | 'keyring' | 'write'>;
  readonly registry: Pick<CameraRegistry, 'get'>;
  readonly samplers: Pick<Samplers, 'newest'>;
  readonly leases: Leases;
  readonly pool: JobPool;
  readonly locate: LocateFootage;
  readonly tools: MediaTools;
  readonly clock: Clock;
  readonly marker: string;
  /** Let `file:` URLs through; for tests. */
  readonly allowFiles?: boolean;
}

const limitMs = 20_000;
const socketTimeoutMs = 10_000;
/** A sampled frame that is older is not what the camera sees now, ms. */
const freshMs = 2000;

export function createStills(options: StillsOptions): Stills {
  const { store, registry, samplers, leases, pool, locate, clock } = options;

  const take = (source: StillSource, mask: (text: string) => string): Promise<Buffer> =>
    pool.run(limitMs, async (signal) => {
      const result = await takeStill({ ...options, mask, signal }, source);
      if (result.ok) return result.jpeg;
      signal.throwIfAborted();
      throw new HeldarError('gateway', `no picture: ${result.reason}`);
    });

  const pictureOf = async (
    segment: SegmentRow,
    at: number,
  ): Promise<{ path: string; atS: number; shown: number }> => {
    const path = locate(segment);
    const recording = path === null ? null : await readRecording(path).catch(() => null);
    const picture = recording === null ? null : pictureAt(recording, at - segment.startTime);
    if (recording === null || picture === null)
      throw new HeldarError('gateway', `the recording ${segment.id} holds no picture that can be read`);
    return { path: recording.path, atS: picture.atS, shown: segment.startTime + picture.sinceFirstMs };
  };

  return {
    async recorded(cameraId, at) {
      const segment = segmentAt(store.read, cameraId, at);
      if (segment === undefined)
        throw new HeldarError('not_found', `nothing of camera ${cameraId} was recorded at that moment`);
      const lease = await leases.take([segment.id], 'still', 2 * limitMs);
      try {
        const { path, atS, shown } = await pictureOf(segment, at);
        return {
          jpeg: await take({ path, atS }, (text) => text.replaceAll(path, segment.id)),
          takenAt: shown,
        };
      } finally {
        await lease.release();
      }
    },
    async live(cameraId) {
      const camera = registry.get(cameraId);
      if (camera === undefined) throw new HeldarError('not_found', `camera ${cameraId} not found`);
      const frame = samplers.newest(cameraId, 'sub') ?? samplers.newest(cameraId, 'main');
      if (frame !== undefined && clock.now() - frame.capturedAt <= freshMs)
        return { jpeg: frame.jpeg, takenAt: frame.capturedAt };
      const source = { ...camera, ...readCameraSecrets(store, cameraId) };
      const url = sampledUrl(source, 'sub');
      if (url === null)
        throw new HeldarError(
          'bad_request',
          `camera ${cameraId} has no stream URL; set main_stream_url, or an address of a known vendor`,
        );
      const known = knownCredentials(source);
      const { allowFiles = false } = options;
      const jpeg = await take({ url, socketTimeoutMs, allowFiles }, (text) => maskText(text, known));
      return { jpeg, takenAt: clock.now() };
    },
  };
}

/**
 * The picture on show at that time after the first, at the very end the last one. `atS`: its time in the file, a little earlier, so that
 * rounding does not miss it.
 */
function pictureAt(recording: Recording, sinceFirstMs: number): { atS: number; sinceFirstMs: number } | null {
  const [video] = recording.tracks;
  if (video === undefined) return null;
  const shown = samplesOf(recording.fragments, video.id)
    .map(shownAt)
    .sort((a, b) => a - b);
  const [first] = shown;
  if (first === undefined) return null;
  const asked = first + Math.round((sinceFirstMs * video.timescale) / 1000);
  const picture = shown.findLast((tick) => tick <= asked) ?? first;
  return {
    atS: Math.max(0, picture / video.timescale - 0.001),
    sinceFirstMs: Math.round(((picture - first) * 1000) / video.timescale),
  };
}

/** What the pool for stills says when the time of one is up. */
export function stillOverTime(afterMs: number): HeldarError {
  return new HeldarError('gateway_timeout', `no picture within ${Math.round(afterMs / 1000)} s`);
}
