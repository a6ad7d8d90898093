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

/** Joins segments, which must ascend by start, into ranges. */
export function timelineOf(pages: Iterable<readonly Coverage[]>): Timeline {
  const builder = createTimeline();
  for (const page of pages) builder.add(page);
  return builder.timeline();
}

export interface TimelineBuilder {
  /** Segments that start no earlier than those given before. */
  add(page: readonly Coverage[]): void;
  timeline(): Timeline;
}

/** The same page by page, for who does something else in between. */
export function createTimeline(): TimelineBuilder {
  const ranges: Range[] = [];
  let segmentCount = 0;
  return {
    add(page) {
      for (const { startTime, endTime } of page) {
        segmentCount += 1;
        const last = ranges.at(-1);
        if (last !== undefined && startTime - last.end < joinedBelowMs)
          ranges[ranges.length - 1] = { start: last.start, end: Math.max(last.end, endTime) };
        else ranges.push({ start: startTime, end: endTime });
      }
    },
    timeline: () => ({ ranges, segmentCount }),
  };
}

/** What of the ranges lies in the window; an absent bound cuts nothing. */
export function cutTo(ranges: readonly Range[], { from, to }: TimeRange): Range[] {
  return ranges
    .map(({ start, end }) => ({
      start: from === undefined ? start : Math.max(start, from),
      end: to === undefined ? end : Math.min(end, to),
    }))
    .filter(({ start, end }) => end > start);
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
