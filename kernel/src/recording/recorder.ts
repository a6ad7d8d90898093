/** One attempt to record a camera: connect, record while output grows, end with a reason. Retrying is `camera-recorder.ts`'s. */
import { mkdir } from 'node:fs/promises';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { startMedia, type MediaExit } from '../media/ffmpeg.ts';
import { learnCodecs, type StreamCodecs } from '../media/probe.ts';
import { describeSource } from '../media/source.ts';
import type { MediaTools } from '../media/tools.ts';
import { encodesAudio, recordingArgs } from './argv.ts';
import type { GrowingSync } from './growing-sync.ts';
import { jumpMs, stallMs, watchOutput } from './output-watch.ts';
import { tellsTimeStoodBack } from './time-warning.ts';

export interface RecorderRun {
  readonly url: string;
  readonly segmentSeconds: number;
  readonly recordAudio: boolean;
  /** Absolute; made when missing. */
  readonly folder: string;
  /** How what is being written reaches the disk; null: it need not. */
  readonly sync: GrowingSync | null;
  readonly run: string;
  /** What an earlier run learnt of the stream; null: nothing, or it did not hold. */
  readonly streams: StreamCodecs | null;
  readonly tools: MediaTools;
  readonly clock: Clock;
  readonly mask: (text: string) => string;
  readonly marker: string;
  readonly allowFiles: boolean;
  /** Ends the recording cleanly. */
  readonly signal: AbortSignal;
  onStreams(streams: StreamCodecs): void;
  onStarted(pid: number | null): void;
  /** Output grows: the stream flows. */
  onRecording(): void;
  /** ffmpeg closed a file. `lastGrowthAt`: when it was last seen to grow, if it stood still since; wall clock, ms. */
  onClosed(file: string, lastGrowthAt: number | null): void;
}

export type RunEndReason =
  | 'stopped'
  /** The stream could not be opened. */
  | 'unreachable'
  /** The program or the folder is at fault, not the camera. */
  | 'failed'
  | 'ended'
  | 'no-output'
  | 'stalled'
  | 'time-jump'
  | 'not-closing'
  /** The video is of another format than at its start; a new run asks what it is. */
  | 'changed';

export interface RunEnd {
  readonly reason: RunEndReason;
  /** Masked. */
  readonly detail: string;
  /** Since the attempt began, ms. */
  readonly ranMs: number;
  /** Since output grew first, ms; 0: it never did. */
  readonly recordedMs: number;
}

/** For an answer to what the camera is asked before the stream. */
const answerTimeoutMs = 4000;
const probeTimeoutMs = 12_000;
/**
 * Some cameras send nothing before their next key frame, and those can be 10 s apart; ffmpeg gives up a stream that is silent for longer. A
 * stream that stands still later is noticed by what is written.
 */
const socketTimeoutMs = 15_000;
/** Key frames can be 10 s apart, and nothing is written before the first. */
const copiedOutputMs = 20_000;
/** Sound that is to be encoded and never comes is not waited for as long: the picture goes on without it. */
const encodedOutputMs = 14_000;

/** Never rejects: whatever goes wrong is the answer. */
export async function recordOnce(run: RecorderRun): Promise<RunEnd> {
  const startedAt = run.clock.monotonic();
  const early = (reason: RunEndReason, detail: string): RunEnd => ({
    reason,
    detail,
    ranMs: run.clock.monotonic() - startedAt,
    recordedMs: 0,
  });
  try {
    await mkdir(run.folder, { recursive: true });
    const asked = { ...run, socketTimeoutMs: answerTimeoutMs, timeoutMs: probeTimeoutMs };
    const learnt = await learnCodecs(asked, run.streams);
    if (run.signal.aborted) return early('stopped', '');
    if (!learnt.ok) return early('unreachable', learnt.error);
    const streams = learnt.info;
    run.onStreams(streams);
    return await record(run, streams, startedAt);
  } catch (error) {
    return early('failed', run.mask(messageOf(error)));
  }
}

async function record(run: RecorderRun, streams: StreamCodecs, startedAt: number): Promise<RunEnd> {
  const { clock } = run;
  const source = describeSource(run.url, { socketTimeoutMs, allowFiles: run.allowFiles });
  const args = recordingArgs({ ...run, source, streams });
  let ordered: RunEndReason | null = null;
  const order = (reason: RunEndReason) => {
    ordered ??= reason;
    void child.stop();
  };
  const onLine = (line: string) => {
    if (tellsTimeStoodBack(line)) order('time-jump');
  };
  const child = startMedia({ ...run, program: 'ffmpeg', args, script: source.script, onLine });
  run.onStarted(child.pid ?? null);

  const stop = () => order('stopped');
  run.signal.addEventListener('abort', stop, { once: true });
  if (run.signal.aborted) stop();

  const firstOutputMs = encodesAudio({ ...run, streams }) ? encodedOutputMs : copiedOutputMs;
  const output = watchOutput({ ...run, firstOutputMs }, child.stdout, order);
  const endSync = run.sync?.add(() => output.currentFile());
  const exit = await child.exited;
  endSync?.();
  run.signal.removeEventListener('abort', stop);
  await output.end();
  return {
    ...reasonOf(ordered, exit),
    ranMs: clock.monotonic() - startedAt,
    recordedMs: output.firstGrowthAt === null ? 0 : clock.monotonic() - output.firstGrowthAt,
  };
}

function reasonOf(ordered: RunEndReason | null, exit: MediaExit): Pick<RunEnd, 'reason' | 'detail'> {
  if (exit.startFailure !== null) return { reason: 'failed', detail: exit.startFailure };
  if (ordered !== null)
    return { reason: ordered, detail: [explanations[ordered], exit.stderr].filter(Boolean).join('\n') };
  const status = exit.signal === null ? `ended with code ${exit.code}` : `ended by ${exit.signal}`;
  return {
    reason: /no space left on device/i.test(exit.stderr) ? 'failed' : 'ended',
    detail: exit.stderr === '' ? `ffmpeg ${status}` : `${exit.stderr}\nffmpeg ${status}`,
  };
}

const explanations: Partial<Record<RunEndReason, string>> = {
  'no-output': 'the stream gave nothing to write',
  stalled: `the stream stood still for ${stallMs / 1000} s`,
  'time-jump': `the time stamps of the stream jumped by more than ${jumpMs / 1000} s`,
  'not-closing': 'the segment did not close: no key frames, or time stamps that stand still',
};
