/** Does the file that is being written grow? */
import { stat } from 'node:fs/promises';
import { delay, untilNext, type Clock } from '../clock.ts';

export interface GrowthWatch {
  /** Wall clock of the last growth that was seen, ms; null before the first. */
  readonly lastGrowthAt: number | null;
  /** Resolves `stalled` when there was none for too long, or `done` when the signal was aborted. */
  readonly ended: Promise<'stalled' | 'silent' | 'done'>;
}

export interface GrowthOptions {
  /** The file that should grow now, absolute. */
  readonly currentFile: () => string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Without any output this long after the start: `silent`. */
  readonly firstOutputMs: number;
  /** Without growth this long: `stalled`. */
  readonly stallMs: number;
  /** The first growth was seen. */
  readonly onFirstGrowth: () => void;
}

/** Until the first growth, which tells that the camera is recorded. */
const firstPollMs = 250;
/** Looks within the time that makes a stall. When a file grew last its time of writing says, so more of them would tell little more. */
const looksPerStall = 2;

/**
 * Growth is the only proof that a stream flows. The header of a file alone is none: growth means more bytes than seen before, or
 * a new file after one that grew.
 */
export function watchGrowth(options: GrowthOptions): GrowthWatch {
  let lastGrowthAt: number | null = null;
  const note = (at: number) => {
    const isFirst = lastGrowthAt === null;
    lastGrowthAt = at;
    if (isFirst) options.onFirstGrowth();
  };
  return {
    get lastGrowthAt() {
      return lastGrowthAt;
    },
    ended: poll(options, note),
  };
}

async function poll(
  options: GrowthOptions,
  note: (at: number) => void,
): Promise<'stalled' | 'silent' | 'done'> {
  const { clock, signal } = options;
  let seen = { file: '', sizeBytes: 0 };
  let hasGrown = false;
  let lookedAt = clock.now();
  let quietSince = clock.monotonic();
  while (!signal.aborted) {
    const file = options.currentFile();
    const { sizeBytes, writtenAt } = await lookAt(file);
    const now = clock.now();
    const isNew = file !== seen.file;
    const grew = sizeBytes > (isNew ? 0 : seen.sizeBytes) && (hasGrown || (!isNew && seen.sizeBytes > 0));
    if (grew) {
      hasGrown = true;
      // Since the last look, whatever a file server's clock says.
      const grewAt = Math.min(now, Math.max(lookedAt, writtenAt));
      quietSince = clock.monotonic() - (now - grewAt);
      note(grewAt);
    }
    if (sizeBytes > 0) seen = { file, sizeBytes };
    lookedAt = now;
    const quietMs = clock.monotonic() - quietSince;
    if (hasGrown && quietMs > options.stallMs) return 'stalled';
    if (!hasGrown && quietMs > options.firstOutputMs) return 'silent';
    try {
      await delay(clock, hasGrown ? untilNext(clock, options.stallMs / looksPerStall) : firstPollMs, signal);
    } catch (error) {
      if (signal.aborted) break;
      throw error;
    }
  }
  return 'done';
}

/** A file that can't be read does not grow, whatever the reason. */
async function lookAt(file: string): Promise<{ sizeBytes: number; writtenAt: number }> {
  try {
    const { size, mtimeMs } = await stat(file);
    return { sizeBytes: size, writtenAt: mtimeMs };
  } catch {
    return { sizeBytes: 0, writtenAt: 0 };
  }
}
