/** How one camera keeps being recorded: attempt after attempt, each file handed on as it closes. */
import type { Camera } from '../cameras/registry.ts';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { StreamCodecs } from '../media/probe.ts';
import { retryOf } from '../media/reach.ts';
import type { MediaTools } from '../media/tools.ts';
import { supervise, type AttemptEnd } from '../runtime/supervise.ts';
import type { OutageCause } from '../store/outages.ts';
import { createAudioChoice, type AudioChoice } from './audio-choice.ts';
import type { CameraStatus } from './camera-status.ts';
import { newRunId } from './file-names.ts';
import type { StorageFault } from './folder-identity.ts';
import type { GrowingSync } from './growing-sync.ts';
import type { ClosedRecording, IndexedRun, Indexer } from './indexer.ts';
import { listFolder } from './leftovers.ts';
import { outageCause } from './outage-cause.ts';
import { recordOnce, type RunEnd } from './recorder.ts';

/** All that a recorder depends on; a change of any of it means a new recorder. */
export interface RecorderSpec {
  /** `direct`: each file is a recording. `ring`: each file is kept for a while, in case that a trigger asks for it. */
  readonly kind: 'direct' | 'ring';
  readonly url: string;
  readonly segmentSeconds: number;
  readonly recordAudio: boolean;
  /** The root its recordings go to. */
  readonly root: string;
}

/** Where the files of a recorder lie, and what becomes of them. Calls come one after another. */
export interface RecorderOutput {
  /** Absolute. */
  readonly folder: string;
  /** How what is being written reaches the disk; null: it need not. */
  readonly sync: GrowingSync | null;
  /** Why nothing can be written there, as seen now. */
  fault(): Promise<StorageFault | null>;
  /** The stream flows, in an attempt that began at `startedAt`, wall clock, ms. */
  flows(startedAt: number): Promise<unknown>;
  closed(run: IndexedRun, closed: ClosedRecording): Promise<unknown>;
  /** Nothing flows from `at` (recording time, ms) on, for this cause. */
  ended(cause: OutageCause, at: number): void;
  /** A closed file that lies in the folder on purpose. */
  holds(file: string): boolean;
}

export interface CameraRecorderOptions {
  readonly camera: Pick<Camera, 'id' | 'siteId' | 'incarnation'>;
  readonly spec: RecorderSpec;
  readonly output: RecorderOutput;
  /** Recording has been wanted since this wall-clock time, ms. */
  readonly intendedSince: number;
  readonly status: CameraStatus;
  /** Says what time it is for recordings. */
  readonly indexer: Pick<Indexer, 'now'>;
  readonly tools: MediaTools;
  readonly clock: Clock;
  readonly random: () => number;
  readonly mask: (text: string) => string;
  readonly marker: string;
  readonly allowFiles: boolean;
  /** The disk is full. */
  readonly onDiskFull: () => void;
}

export interface CameraRecorder {
  readonly spec: RecorderSpec;
  /** Resolves once the process has ended and all it wrote is handed on. */
  stop(): Promise<void>;
}

/** A run that recorded for this long makes earlier failures count no more. */
const healthyMs = 5000;
const faultRetryMs = 15_000;

export function startCameraRecorder(options: CameraRecorderOptions): CameraRecorder {
  const stopping = new AbortController();
  const audio = createAudioChoice(options.spec.recordAudio);
  let streams: StreamCodecs | null = null;
  const attempt = async (signal: AbortSignal): Promise<AttemptEnd> => {
    try {
      // Never into an empty mount point.
      const fault = await options.output.fault();
      if (fault !== null) return await refuse(options, fault);
      const end = await attemptOnce(options, audio, streams, signal);
      streams = streamsAfter(end);
      audio.ended(end, end.streams);
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
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}

/** The fleet ends this recorder once it has heard of the fault. */
async function refuse(options: CameraRecorderOptions, fault: StorageFault): Promise<AttemptEnd> {
  options.output.ended('disk', options.indexer.now());
  await options.status.failed(fault.detail);
  return { next: faultRetryMs, healthy: false };
}

/** What is known of the stream for the next attempt; null: ask anew, for what it holds may be why nothing came of it. */
function streamsAfter(end: RunEnd & { streams: StreamCodecs | null }): StreamCodecs | null {
  if (end.reason === 'changed') return null;
  if (end.recordedMs > 0) return end.streams;
  if (end.reason === 'no-output') return (end.streams?.audioCodec ?? null) === null ? null : end.streams;
  return /could not write header/i.test(end.detail) ? null : end.streams;
}

async function attemptOnce(
  options: CameraRecorderOptions,
  audio: AudioChoice,
  known: StreamCodecs | null,
  signal: AbortSignal,
): Promise<RunEnd & { streams: StreamCodecs | null }> {
  const { camera, status, clock, indexer, output } = options;
  const startedAt = clock.now();
  const run = newRunId(startedAt);
  const indexed: IndexedRun = {
    camera,
    root: options.spec.root,
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
    recordAudio: audio.isWanted(),
    folder: output.folder,
    sync: output.sync,
    run,
    streams,
    signal: AbortSignal.any([signal, changing.signal]),
    onStreams: (info) => (streams = info),
    onStarted: (pid) => next(() => status.started(pid)),
    onRecording: () =>
      next(async () => {
        await output.flows(startedAt);
        const lost = audio.lost(streams);
        if (lost !== null) await status.audioDropped(lost.codec, lost.detail);
      }),
    onClosed: (file, lastGrowthAt) =>
      next(async () => {
        await output.closed(indexed, { file, lastGrowthAt, isLive: true });
        if (indexed.hasChanged === true) changing.abort();
      }),
  });
  const endedAt = indexer.now();
  await work;
  output.ended(outageCause(end), endedAt);
  await handOnUnlisted(output, indexed, run);
  const hasChanged = end.reason === 'stopped' && !signal.aborted;
  return { ...end, ...(hasChanged ? { reason: 'changed' as const } : {}), streams };
}

/** A killed ffmpeg does not list its last file. */
async function handOnUnlisted(output: RecorderOutput, indexed: IndexedRun, run: string): Promise<void> {
  const names = (await listFolder(output.folder))
    .filter((name) => name.startsWith(`${run}_`) && !output.holds(name))
    .sort();
  for (const file of names) await output.closed(indexed, { file, lastGrowthAt: null, isLive: true });
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
