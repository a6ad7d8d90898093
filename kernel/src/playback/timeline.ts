/** Which time is covered by recordings, and where are the holes? */
import type { Coverage, TimeRange } from '../store/segment-queries.ts';

/** ms since the epoch. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface Timeline {
  readonly ranges: readonly Range[];
  readonly segmentCount: number;
}

/** Segments are joined over holes of fewer ms than this (two whole seconds). */
const joinedBelowMs = 3000;
/** A hole is a gap when it is longer, ms. */
const gapAboveMs = 2000;

/** Joins segments, which must ascend by start, into ranges. Ranges are not cut to the window. */
export function timelineOf(pages: Iterable<readonly Coverage[]>): Timeline {
  const ranges: Range[] = [];
  let segmentCount = 0;
  for (const page of pages)
    for (const { startTime, endTime } of page) {
      segmentCount += 1;
      const last = ranges.at(-1);
      if (last !== undefined && startTime - last.end < joinedBelowMs)
        ranges[ranges.length - 1] = { start: last.start, end: Math.max(last.end, endTime) };
      else ranges.push({ start: startTime, end: endTime });
    }
  return { ranges, segmentCount };
}

/** The holes between ranges, before the first when `from` is given, after the last when `to` is given, and the whole window when nothing was recorded. */
export function gapsOf(ranges: readonly Range[], { from, to }: TimeRange): Range[] {
  const first = ranges[0];
  const last = ranges.at(-1);
  if (first === undefined || last === undefined)
    return from === undefined || to === undefined ? [] : longEnough([{ start: from, end: to }]);
  const holes: Range[] = [];
  if (from !== undefined) holes.push({ start: from, end: first.start });
  for (const [index, range] of ranges.slice(1).entries())
    holes.push({ start: ranges[index]?.end ?? range.start, end: range.start });
  if (to !== undefined) holes.push({ start: last.end, end: to });
  return longEnough(holes);
}

function longEnough(holes: readonly Range[]): Range[] {
  return holes.filter(({ start, end }) => end - start > gapAboveMs);
}
