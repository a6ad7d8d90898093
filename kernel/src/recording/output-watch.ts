/** Does a recording run as it should: does it grow, does it close files, does it keep time? */
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Clock } from '../clock.ts';
import { openFileName } from './file-names.ts';
import { watchGrowth } from './growth.ts';
import { createMediaClock } from './media-clock.ts';
import { createSegmentListReader, type ListedSegment } from './segment-list.ts';

/** What makes a run worth ending. */
export type OutputFault = 'no-output' | 'stalled' | 'time-jump' | 'not-closing';

export interface WatchedRun {
  readonly folder: string;
  readonly run: string;
  readonly segmentSeconds: number;
  /** Without any output for longer the run is in vain. */
  readonly firstOutputMs: number;
  readonly clock: Clock;
  onRecording(): void;
  onClosed(file: string, lastGrowthAt: number | null): void;
}

export interface OutputWatch {
  /** Monotonic, ms; null: nothing was recorded. */
  readonly firstGrowthAt: number | null;
  /** The file that is being written, absolute; it need not be there yet. */
  currentFile(): string;
  /** The process has ended. */
  end(): Promise<void>;
}

export const stallMs = 4000;
/** Media time and real time may part by this much within a segment. */
export const jumpMs = 2000;
/** They are compared over this time at least: with shorter files each hiccup of the network would pass for a jump. */
const comparedMs = 10_000;
/** In the first: cameras take their time to begin, and may send what they hold since their last key frame. */
const firstJumpMs = 10_000;

export function watchOutput(
  run: WatchedRun,
  list: Readable,
  onFault: (fault: OutputFault) => void,
): OutputWatch {
  const { clock } = run;
  let firstGrowthAt: number | null = null;
  let closedFiles = 0;
  let isStill = false;
  const exited = new AbortController();
  const currentFile = () => join(run.folder, openFileName(run.run, closedFiles));
  const growth = watchGrowth({
    currentFile,
    clock,
    signal: exited.signal,
    firstOutputMs: run.firstOutputMs,
    stallMs,
    onFirstGrowth() {
      firstGrowthAt = clock.monotonic();
      run.onRecording();
    },
  });
  const watchForStandstill = async () => {
    const end = await growth.ended;
    isStill = end === 'stalled';
    if (end !== 'done') onFault(end === 'stalled' ? 'stalled' : 'no-output');
  };
  const watching = watchForStandstill();

  const overdueMs = Math.max(120_000, 2000 * run.segmentSeconds + 60_000);
  const expectClose = () => clock.after(overdueMs, () => onFault('not-closing'));
  let cancelOverdue = expectClose();
  const startedAt = { wall: clock.now(), monotonic: clock.monotonic() };
  const mediaClock = createMediaClock();
  let comparedAt: number | null = null;
  mediaClock.observe(0, startedAt.monotonic);
  const hasJumped = ({ endSeconds }: ListedSegment) => {
    const now = clock.monotonic();
    const since = now - (comparedAt ?? startedAt.monotonic);
    if (run.segmentSeconds * 1000 < jumpMs && since < comparedMs) return false;
    const limitMs = comparedAt === null ? firstJumpMs : jumpMs;
    comparedAt = now;
    return Math.abs(mediaClock.observe(endSeconds, now)) > limitMs;
  };
  /** What is written only when the process ends came as it was due all the same. */
  const lastGrowthOf = (segment: ListedSegment) => {
    if (firstGrowthAt === null) return startedAt.wall + segment.endSeconds * 1000;
    return isStill ? growth.lastGrowthAt : null;
  };
  const closed = (segment: ListedSegment) => {
    closedFiles += 1;
    cancelOverdue();
    cancelOverdue = expectClose();
    const isJump = hasJumped(segment);
    run.onClosed(segment.file, lastGrowthOf(segment));
    // Of a stream that stands still the last file is closed late, by us.
    if (isJump && !isStill) onFault('time-jump');
  };
  const reader = createSegmentListReader();
  list.on('data', (chunk: Buffer) => {
    for (const segment of reader.push(chunk)) closed(segment);
  });

  return {
    currentFile,
    get firstGrowthAt() {
      return firstGrowthAt;
    },
    async end() {
      exited.abort();
      cancelOverdue();
      await watching;
    },
  };
}
