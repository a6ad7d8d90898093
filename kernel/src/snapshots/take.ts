/** Where does a still come from: the frame that a sampler has just decoded, or the stream itself? */
import type { Camera } from '../cameras/registry.ts';
import { knownCredentials, maskText } from '../cameras/mask.ts';
import { sampledUrl, type StreamProfile } from '../cameras/stream-url.ts';
import type { Clock } from '../clock.ts';
import { HeldarError } from '../errors.ts';
import type { Samplers } from '../media/samplers.ts';
import { takeStill } from '../media/still.ts';
import type { MediaTools } from '../media/tools.ts';
import { readCameraSecrets } from '../store/camera-queries.ts';
import type { Store } from '../store/store.ts';

export interface TakenStill {
  /** When it shows the scene, ms since the epoch; of a stream, when it was asked for. */
  readonly takenAt: number;
  readonly jpeg: Buffer;
}

export interface TakeOptions {
  readonly store: Pick<Store, 'read' | 'keyring'>;
  readonly frames: Pick<Samplers, 'newest'>;
  readonly tools: MediaTools;
  readonly clock: Clock;
  readonly marker: string;
}

/** An older frame shows what was, not what is, ms. */
const freshMs = 3000;
const limitMs = 20_000;
const socketTimeoutMs = 10_000;
const profiles: readonly StreamProfile[] = ['main', 'sub'];

/**
 * Loads the camera no more where it is sampled already.
 * @throws HeldarError `bad_request` without a URL, `gateway_timeout` or `gateway` with a masked text when the camera gives no picture.
 */
export async function takeOf(options: TakeOptions, camera: Camera, signal: AbortSignal): Promise<TakenStill> {
  const { store, frames, clock } = options;
  const now = clock.now();
  for (const profile of profiles) {
    const frame = frames.newest(camera.id, profile);
    if (frame !== undefined && now - frame.capturedAt <= freshMs)
      return { takenAt: frame.capturedAt, jpeg: frame.jpeg };
  }
  const source = { ...camera, ...readCameraSecrets(store, camera.id) };
  const url = sampledUrl(source, 'sub');
  if (url === null) throw new HeldarError('bad_request', `the camera '${camera.id}' has no stream URL`);
  const known = knownCredentials(source);
  const overTime = new AbortController();
  const cancel = clock.after(limitMs, () => overTime.abort());
  const still = await takeStill(
    {
      ...options,
      mask: (text) => maskText(text, known),
      signal: AbortSignal.any([signal, overTime.signal]),
    },
    { url, socketTimeoutMs },
  );
  cancel();
  if (still.ok) return { takenAt: now, jpeg: still.jpeg };
  if (overTime.signal.aborted)
    throw new HeldarError('gateway_timeout', `no picture within ${limitMs / 1000} s`);
  throw new HeldarError('gateway', still.reason);
}
