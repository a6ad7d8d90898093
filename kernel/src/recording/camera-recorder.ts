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
import type { StorageFault } from './folder-identity.ts';
import type { IndexedRun, Indexer } from './indexer.ts';
import { listFolder } from './leftovers.ts';
import { outageCause } from './outage-cause.ts';
import type { OutageLog } from './outage-log.ts';
import { recordOnce, type RunEnd } from './recorder.ts';

/** All that a recorder depends on; a change of any of it means a new recorder. */
export interface RecorderSpec {
  readonly url: string;
  readonly segmentSeconds: number;
  readonly recordAudio: boolean;
  /** The root its segments go to. */
  readonly root: string;
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
  readonly outages: OutageLog;
  /** Of the root, absolute. */
  readonly rootPath: string;
  /** Why nothing can be recorded there, as seen now. */
  readonly rootFault: () => Promise<StorageFault | null>;
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
      // Never into an empty mount point.
      const fault = await options.rootFault();
      if (fault !== null) return await refuse(options, fault);
      const end = await attemptOnce(options, streams, signal);
      // What the stream holds may be why nothing came of it.
      streams = end.recordedMs > 0 ? end.streams : null;
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

/** The fleet ends this recorder once it has heard of the fault. */
async function refuse(options: CameraRecorderOptions, fault: StorageFault): Promise<AttemptEnd> {
  options.outages.begin(options.clock.now(), 'disk');
  await options.status.failed(fault.detail);
  return { next: faultRetryMs, healthy: false };
}

async function attemptOnce(
  options: CameraRecorderOptions,
  known: StreamInfo | null,
  signal: AbortSignal,
): Promise<RunEnd & { streams: StreamInfo | null }> {
  const { camera, status, clock, indexer, outages } = options;
  const folder = join(options.rootPath, camera.id);
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
  const end = await recordOnce({
    ...options,
    ...options.spec,
    folder,
    run,
    streams,
    signal,
    onStreams: (info) => (streams = info),
    onStarted: (pid) => next(() => status.started(pid)),
    onRecording() {
      outages.end(clock.now());
      next(() => status.recording(startedAt));
    },
    onClosed: (file, lastGrowthAt) =>
      next(() => indexer.index(indexed, { file, lastGrowthAt, isLive: true })),
  });
  outages.begin(clock.now(), outageCause(end));
  await work;
  await indexUnlisted(options, indexed, folder, run);
  return { ...end, streams };
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
      return { next: await retryOf(options.spec.url, end.recordedMs > 0, end.detail), healthy };
  }
}
