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
  /** The process has ended. */
  end(): Promise<void>;
}

export const stallMs = 4000;
/** Media time and real time may part by this much within a segment. */
export const jumpMs = 2000;
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
  const growth = watchGrowth({
    currentFile: () => join(run.folder, openFileName(run.run, closedFiles)),
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
  mediaClock.observe(0, startedAt.monotonic);
  /** What is written only when the process ends came as it was due all the same. */
  const lastGrowthOf = (segment: ListedSegment) => {
    if (firstGrowthAt === null) return startedAt.wall + segment.endSeconds * 1000;
    return isStill ? growth.lastGrowthAt : null;
  };
  const closed = (segment: ListedSegment) => {
    closedFiles += 1;
    cancelOverdue();
    cancelOverdue = expectClose();
    const ranOffMs = mediaClock.observe(segment.endSeconds, clock.monotonic());
    run.onClosed(segment.file, lastGrowthOf(segment));
    // Of a stream that stands still the last file is closed late, by us.
    const limitMs = closedFiles === 1 ? firstJumpMs : jumpMs;
    if (Math.abs(ranOffMs) > limitMs && !isStill) onFault('time-jump');
  };
  const reader = createSegmentListReader();
  list.on('data', (chunk: Buffer) => {
    for (const segment of reader.push(chunk)) closed(segment);
  });

  return {
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
