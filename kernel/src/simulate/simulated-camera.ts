/** How is a video file served as if it were a camera? */
import { randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { pino } from 'pino';
import { systemClock, type Clock } from '../clock.ts';
import { HeldarError, messageOf } from '../errors.ts';
import { Broadcast } from './broadcast.ts';
import type { CameraLog } from './camera-log.ts';
import { openMediaFile, type MediaFile } from './media-file.ts';
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
    stop,
  };
}

type Settings = SimulatedCameraOptions &
  Required<Pick<SimulatedCameraOptions, 'host' | 'port' | 'path' | 'log'>>;

interface Running {
  readonly port: number;
  stop(): Promise<void>;
}

async function run(settings: Settings): Promise<Running> {
  const media = await openMediaFile(settings.file, settings.log);
  const ending = new AbortController();
  const clock = settings.clock ?? systemClock;
  const broadcast = new Broadcast(media, clock, settings.log);
  const server = await serve(settings, media, broadcast, clock).catch(async (error: unknown) => {
    await media.close();
    throw error;
  });
  const broadcasting = broadcast
    .run(ending.signal)
    .catch((error: unknown) => settings.log.error({ reason: messageOf(error) }, 'camera stopped sending'));
  return {
    port: server.port,
    async stop() {
      await server.stop();
      ending.abort();
      await broadcasting;
      await media.close();
    },
  };
}

async function serve(
  settings: Settings,
  media: MediaFile,
  broadcast: Broadcast,
  clock: Clock,
): Promise<RtspServer> {
  const { host, port, path, log, sessionTimeoutMs = defaultSessionTimeoutMs } = settings;
  const parts = { broadcast, clock, randomBytes: settings.randomBytes ?? randomBytes, log };
  const sessions = new Sessions({ ...parts, timeoutMs: sessionTimeoutMs });
  const camera = { path, tracks: media.tracks, broadcast, sessions, clock, log, maxQueuedBytes };
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
