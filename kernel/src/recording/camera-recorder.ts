/** How one camera keeps being recorded: attempt after attempt, each file indexed as it closes. */
import { join } from 'node:path';
import type { Camera } from '../cameras/registry.ts';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { StreamInfo } from '../media/probe.ts';
import { retryOf } from '../media/reach.ts';
import type { MediaTools } from '../media/tools.ts';
import { supervise, type AttemptEnd } from '../runtime/supervise.ts';
import type { CameraStatus } from './camera-status.ts';
import { newRunId } from './file-names.ts';
import type { IndexedRun, Indexer } from './indexer.ts';
import { listFolder } from './leftovers.ts';
import { recordOnce, type RunEnd } from './recorder.ts';

/** All that a recorder depends on; a change of any of it means a new recorder. */
export interface RecorderSpec {
  readonly url: string;
  readonly segmentSeconds: number;
  readonly recordAudio: boolean;
}

export interface CameraRecorderOptions {
  readonly camera: Pick<Camera, 'id' | 'siteId' | 'incarnation'>;
  readonly spec: RecorderSpec;
  /** Recording has been wanted since this wall-clock time, ms. */
  readonly intendedSince: number;
  readonly status: CameraStatus;
  readonly indexer: Indexer;
  readonly tools: MediaTools;
  readonly clock: Clock;
  readonly random: () => number;
  readonly recordingsDir: string;
  readonly mask: (text: string) => string;
  readonly marker: string;
  readonly allowFiles: boolean;
  /** The disk is full. */
  readonly onDiskFull: () => void;
}

export interface CameraRecorder {
  readonly spec: RecorderSpec;
  readonly camera: CameraRecorderOptions['camera'];
  /** Resolves once the process has ended and all it wrote is indexed. */
  stop(): Promise<void>;
}

/** A run that recorded for this long makes earlier failures count no more. */
const healthyMs = 5000;
const faultRetryMs = 15_000;

export function startCameraRecorder(options: CameraRecorderOptions): CameraRecorder {
  const stopping = new AbortController();
  let streams: StreamInfo | null = null;
  const attempt = async (signal: AbortSignal): Promise<AttemptEnd> => {
    try {
      const end = await attemptOnce(options, streams, signal);
      streams = streamsAfter(end);
      return await settle(options, end);
    } catch (error) {
      await options.status.failed(options.mask(messageOf(error)));
      return { next: faultRetryMs, healthy: false };
    }
  };
  const ended = supervise({
    attempt,
    clock: options.clock,
    random: options.random,
    signal: stopping.signal,
  });
  return {
    spec: options.spec,
    camera: options.camera,
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}

/** What is known of the stream for the next attempt; null: ask anew, for what it holds may be why nothing came of it. */
function streamsAfter(end: RunEnd & { streams: StreamInfo | null }): StreamInfo | null {
  if (end.reason === 'changed') return null;
  if (end.recordedMs > 0) return end.streams;
  if (end.reason === 'no-output') return withoutSilentAudio(end.streams);
  return /could not write header/i.test(end.detail) ? null : end.streams;
}

/** Sound that is announced and never comes keeps ffmpeg from writing anything while it is to be encoded. */
function withoutSilentAudio(streams: StreamInfo | null): StreamInfo | null {
  return streams === null || streams.audioCodec === null ? null : { ...streams, audioCodec: null };
}

async function attemptOnce(
  options: CameraRecorderOptions,
  known: StreamInfo | null,
  signal: AbortSignal,
): Promise<RunEnd & { streams: StreamInfo | null }> {
  const { camera, status, clock, indexer } = options;
  const folder = join(options.recordingsDir, camera.id);
  const startedAt = clock.now();
  const run = newRunId(startedAt);
  const indexed: IndexedRun = {
    camera,
    startedAt,
    intendedSince: options.intendedSince,
    previousEnd: null,
  };
  let streams = known;
  // Everything that follows from the run happens in its order, after the other.
  let work: Promise<unknown> = status.connecting();
  const next = (step: () => Promise<unknown>) => {
    work = work.then(step);
  };
  const changing = new AbortController();
  const end = await recordOnce({
    ...options,
    ...options.spec,
    folder,
    run,
    streams,
    signal: AbortSignal.any([signal, changing.signal]),
    onStreams: (info) => (streams = info),
    onStarted: (pid) => next(() => status.started(pid)),
    onRecording: () => next(() => status.recording(startedAt)),
    onClosed: (file, lastGrowthAt) =>
      next(async () => {
        await indexer.index(indexed, { file, lastGrowthAt, isLive: true });
        if (indexed.hasChanged === true) changing.abort();
      }),
  });
  await work;
  await indexUnlisted(options, indexed, folder, run);
  const hasChanged = end.reason === 'stopped' && !signal.aborted;
  return { ...end, ...(hasChanged ? { reason: 'changed' as const } : {}), streams };
}

/** A killed ffmpeg does not list its last file. */
async function indexUnlisted(
  options: CameraRecorderOptions,
  indexed: IndexedRun,
  folder: string,
  run: string,
): Promise<void> {
  const names = (await listFolder(folder)).filter((name) => name.startsWith(`${run}_`)).sort();
  for (const file of names) await options.indexer.index(indexed, { file, lastGrowthAt: null, isLive: true });
}

async function settle(options: CameraRecorderOptions, end: RunEnd): Promise<AttemptEnd> {
  const { status } = options;
  const healthy = end.recordedMs >= healthyMs;
  switch (end.reason) {
    case 'stopped':
      return { next: 'done', healthy };
    case 'changed':
      return { next: 0, healthy: true };
    case 'failed':
      await status.failed(end.detail);
      if (/no space left on device/i.test(end.detail)) options.onDiskFull();
      return { next: faultRetryMs, healthy: false };
    case 'unreachable':
    case 'ended':
    case 'no-output':
    case 'stalled':
    case 'time-jump':
    case 'not-closing':
      await status.offline(end.ranMs, end.detail);
      return { ...(await retryOf(options.spec.url, end.recordedMs > 0, end.detail)), healthy };
  }
}
