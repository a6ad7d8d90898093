/** How is a video file served as if it were a camera, one that can also misbehave? */
import { randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { pino } from 'pino';
import { systemClock, type Clock } from '../clock.ts';
import { HeldarError, messageOf } from '../errors.ts';
import { withAudio } from './audio.ts';
import { createAuthentication, type Login } from './authentication.ts';
import { Broadcast } from './broadcast.ts';
import type { CameraLog } from './camera-log.ts';
import { goodConduct, type Conduct } from './conduct.ts';
import type { Fault } from './fault.ts';
import { openMediaFile, type MediaFile } from './media-file.ts';
import type { AudioCodec } from './media-track.ts';
import { misbehave } from './misbehave.ts';
import type { RandomBytes } from './rtp-stream.ts';
import { startRtspServer, type RtspServer } from './server.ts';
import { Sessions } from './sessions.ts';

export interface SimulatedCameraOptions {
  /** An MP4 file with H.264 or H.265 video. */
  readonly file: string;
  /** The address to listen on; `127.0.0.1` when left out. */
  readonly host?: string;
  /** 0, which is what leaving it out means, takes a free one. */
  readonly port?: number;
  /** `/live` when left out. */
  readonly path?: string;
  /** Gives the camera sound, a beep a second; it has none when left out. */
  readonly audio?: AudioCodec;
  /** What clients have to know; left out, the camera answers everybody. */
  readonly login?: Login;
  /** Stops the camera. */
  readonly signal?: AbortSignal;
  readonly log?: CameraLog;
  /** A session whose client is silent for longer ends; 60 s when left out. */
  readonly sessionTimeoutMs?: number;
  readonly clock?: Clock;
  readonly randomBytes?: RandomBytes;
}

export interface SimulatedCamera {
  /** The address to give to a player; with port 0 known only after `start`. */
  readonly url: string;
  /** Resolves when clients can connect. */
  start(): Promise<void>;
  /** Has the running camera do what cameras do; resolves when its clients have been hit. */
  misbehave(fault: Fault): Promise<void>;
  /** Resolves when nothing is open any more. */
  stop(): Promise<void>;
}

const defaultSessionTimeoutMs = 60_000;
const maxQueuedBytes = 4 * 1024 * 1024;

/**
 * A camera that shows the file over and over, at real-time pace and to all clients alike, over RTSP.
 *
 * @example
 * const camera = createSimulatedCamera({ file: 'street.mp4', port: 8554 });
 * await camera.start(); // ffplay rtsp://127.0.0.1:8554/live
 * await camera.stop();
 */
export function createSimulatedCamera(options: SimulatedCameraOptions): SimulatedCamera {
  const { signal } = options;
  const settings = { host: '127.0.0.1', port: 0, path: '/live', log: pino({ level: 'silent' }), ...options };
  checkAddress(settings.port, settings.path);
  let running: Promise<Running> | null = null;
  let stopping: Promise<void> | null = null;
  let boundPort = settings.port;

  async function start(): Promise<void> {
    signal?.throwIfAborted();
    signal?.addEventListener('abort', stopOnAbort, { once: true });
    running ??= run(settings);
    try {
      boundPort = (await running).port;
    } catch (error) {
      await stop();
      throw error;
    }
  }

  function stop(): Promise<void> {
    stopping ??= stopRunning().finally(() => (stopping = null));
    return stopping;
  }

  async function stopRunning(): Promise<void> {
    signal?.removeEventListener('abort', stopOnAbort);
    const started = running;
    running = null;
    // A start that failed has left nothing to stop, and its caller has the reason.
    await (await started?.catch(() => null))?.stop();
  }

  function stopOnAbort(): void {
    stop().catch((error: unknown) => settings.log.error({ reason: messageOf(error) }, 'camera did not stop'));
  }

  return {
    get url() {
      if (boundPort === 0)
        throw new HeldarError('unavailable', 'The address is known once the camera has started.');
      return urlOf(settings.host, boundPort, settings.path);
    },
    start,
    async misbehave(fault) {
      if (running === null) throw new HeldarError('unavailable', 'The camera does not run. Start it first.');
      await (await running).misbehave(fault);
    },
    stop,
  };
}

type Settings = SimulatedCameraOptions &
  Required<Pick<SimulatedCameraOptions, 'host' | 'port' | 'path' | 'log'>>;

interface Running {
  readonly port: number;
  misbehave(fault: Fault): Promise<void>;
  stop(): Promise<void>;
}

async function run(settings: Settings): Promise<Running> {
  const open = (path: string) => openMedia(path, settings);
  const media = await open(settings.file);
  const ending = new AbortController();
  const clock = settings.clock ?? systemClock;
  const conduct = goodConduct();
  const broadcast = new Broadcast(media, clock, settings.log, conduct);
  const server = await serve(settings, broadcast, clock, conduct).catch(async (error: unknown) => {
    await media.close();
    throw error;
  });
  const broadcasting = broadcast
    .run(ending.signal)
    .catch((error: unknown) => settings.log.error({ reason: messageOf(error) }, 'camera stopped sending'));
  return {
    port: server.port,
    misbehave: (fault) => misbehave({ conduct, broadcast, server, open }, fault),
    async stop() {
      await server.stop();
      ending.abort();
      await broadcasting;
      await broadcast.media.close();
    },
  };
}

async function openMedia(path: string, { audio, log }: Settings): Promise<MediaFile> {
  const media = await openMediaFile(path, log);
  if (audio === undefined) return media;
  return await withAudio(media, audio).catch(async (error: unknown) => {
    await media.close();
    throw error;
  });
}

async function serve(
  settings: Settings,
  broadcast: Broadcast,
  clock: Clock,
  conduct: Conduct,
): Promise<RtspServer> {
  const { host, port, path, log, login, sessionTimeoutMs = defaultSessionTimeoutMs } = settings;
  const random = settings.randomBytes ?? randomBytes;
  const parts = { broadcast, clock, randomBytes: random, log };
  const sessions = new Sessions({ ...parts, timeoutMs: sessionTimeoutMs });
  const authentication = login === undefined ? null : createAuthentication(login, random(16).toString('hex'));
  const camera = { path, broadcast, sessions, clock, log, conduct, authentication, maxQueuedBytes };
  try {
    return await startRtspServer(camera, host, port);
  } catch (error) {
    const next =
      port === 0 ? 'Check the address.' : 'Choose another port, or stop the program that uses this one.';
    throw new HeldarError(
      'conflict',
      `Cannot listen on ${host}, port ${port}: ${messageOf(error)}. ${next}`,
      {
        cause: error,
      },
    );
  }
}

function checkAddress(port: number, path: string): void {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new HeldarError('usage', `The port ${port} is not a number from 0 to 65535. Choose another.`);
  }
  if (!/^\/[\w.~/-]*$/.test(path)) {
    throw new HeldarError(
      'usage',
      `The path ${path} is not usable in an address. Begin with a slash, and use letters, digits and . _ ~ / - only.`,
    );
  }
}

function urlOf(host: string, port: number, path: string): string {
  // An address that stands for all of this machine's is none to connect to.
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `rtsp://${isIPv6(reachable) ? `[${reachable}]` : reachable}:${port}${path}`;
}
