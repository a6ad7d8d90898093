/** When does a closed file begin and end in wall-clock time? */

export interface ClosedFile {
  /** When its last bytes were written, wall clock, ms. */
  readonly closedAt: number;
  /** False: the stream had stood still before, so its last picture is older than `closedAt` may tell. */
  readonly isExact: boolean;
  /** Media time it holds, ms. */
  readonly durationMs: number;
  /** End of the segment before it in the same run, ms; null for the first. */
  readonly previousEnd: number | null;
  /** End of the newest segment of other runs, ms; null: none. */
  readonly coveredUntil: number | null;
  /** It can't have begun before this, ms: when its run was started. */
  readonly notBefore: number;
  /** No segment is longer, ms. */
  readonly maxMs: number;
}

/** Neighbours of one run that are this close are made to abut. */
const snapMs = 1000;
/** Cameras may send what they hold since their last key frame. */
const burstMs = 10_000;

/**
 * The end is when the file was closed, the start lies its duration before. A duration that a jump of time stamps has inflated
 * is cut by what can have passed. Answers whole ms, the start before the end.
 */
export function segmentTimes(file: ClosedFile): { startTime: number; endTime: number } {
  const { durationMs, coveredUntil, notBefore } = file;
  // What lies behind the end tells of the time before the clock was set back, and bounds nothing.
  const previousEnd =
    file.previousEnd !== null && file.previousEnd < file.closedAt + snapMs ? file.previousEnd : null;
  let endTime = Math.round(file.closedAt);
  if (!file.isExact && previousEnd !== null)
    endTime = Math.min(endTime + snapMs, Math.round(previousEnd + durationMs));
  let startTime = Math.round(endTime - Math.min(durationMs, file.maxMs));
  if (previousEnd !== null && (startTime < previousEnd || startTime - previousEnd <= snapMs))
    startTime = previousEnd;
  else if (notBefore < endTime) startTime = Math.max(startTime, Math.round(notBefore - burstMs));
  // Runs don't overlap, unless the clock was set back.
  if (coveredUntil !== null && coveredUntil < endTime) startTime = Math.max(startTime, coveredUntil);
  // A picture or two behind the segment before: it lies there, and not over its end.
  return { startTime, endTime: Math.max(endTime, startTime + 1) };
}

/**
 * Cuts what a file that is placed by its name alone claims too much at its edges: names have whole seconds. A file that lies wholly
 * within others stays as it is.
 */
export function fitBetween(
  { startTime, endTime }: { startTime: number; endTime: number },
  previousEnd: number | null,
  next: number | null,
): { startTime: number; endTime: number } {
  const start = previousEnd !== null && previousEnd < endTime ? Math.max(startTime, previousEnd) : startTime;
  return { startTime: start, endTime: next !== null && next > start ? Math.min(endTime, next) : endTime };
}
