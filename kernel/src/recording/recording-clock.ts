/** What time is footage of? A line that never runs backwards, whatever is done to the clock of this machine. */
import type { Clock } from '../clock.ts';

/** A step forward that was followed: between the two no time passed. ms since the epoch. */
export interface ClockJump {
  readonly start: number;
  readonly end: number;
}

export interface RecordingClock {
  /** ms since the epoch. */
  now(): number;
  /** The newest few, ascending. */
  jumps(): readonly ClockJump[];
}

/** A difference of more is a step, ms. */
const stepMs = 2000;
/** How fast a smaller one, or a step backwards, is made up for. No segment's length shows it. */
const slewed = 0.001;
/** What was recorded further ahead of the clock than this does not hold the line up, ms. */
const furthestAhead = 3 * 3_600_000;
const jumpsKept = 16;

/**
 * Follows the monotonic clock. When the wall clock is set forward it follows at once, so that footage and events stay together.
 * When that is set back, the line goes on, ahead of it, and comes back so slowly that no footage overlaps and no hour is lost.
 * `coveredUntil`: end of the newest footage of earlier, ms: the line does not begin before it.
 */
export function createRecordingClock(clock: Clock, coveredUntil: number | null): RecordingClock {
  const start = clock.now();
  const isAhead = coveredUntil !== null && coveredUntil > start && coveredUntil - start <= furthestAhead;
  let anchor = { time: isAhead ? coveredUntil : start, monotonic: clock.monotonic() };
  const jumps: ClockJump[] = [];
  return {
    now() {
      const monotonic = clock.monotonic();
      const elapsed = monotonic - anchor.monotonic;
      const time = anchor.time + elapsed;
      const behind = clock.now() - time;
      if (behind > stepMs) {
        jumps.push({ start: time, end: time + behind });
        if (jumps.length > jumpsKept) jumps.shift();
        anchor = { time: time + behind, monotonic };
      } else {
        const most = elapsed * slewed;
        anchor = { time: time + Math.min(most, Math.max(-most, behind)), monotonic };
      }
      return anchor.time;
    },
    jumps: () => jumps,
  };
}
