/** What time is footage of? A line that never runs into footage that is there, whatever is done to the clock of this machine. */
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
/** How fast a smaller one, or a step backwards that can't be followed, is made up for. No segment's length shows it. */
const slewed = 0.001;
const jumpsKept = 16;

/**
 * Follows the wall clock, by way of the monotonic one. When it is set, that is followed at once, so that footage and events stay
 * together, but never to where footage lies already: there the line goes on behind that footage, ahead of the clock, so that nothing
 * overlaps and no hour is lost. `coveredUntil`: the end of the footage that lies at a time, ms; null: that time is free.
 */
export function createRecordingClock(
  clock: Clock,
  coveredUntil: (time: number) => number | null,
): RecordingClock {
  const start = clock.now();
  let anchor = { time: coveredUntil(start) ?? start, monotonic: clock.monotonic() };
  const jumps: ClockJump[] = [];
  const advance = (): number => {
    const monotonic = clock.monotonic();
    const elapsed = monotonic - anchor.monotonic;
    const time = anchor.time + elapsed;
    const wall = clock.now();
    const behind = wall - time;
    if (behind > stepMs) {
      jumps.push({ start: time, end: wall });
      if (jumps.length > jumpsKept) jumps.shift();
      return wall;
    }
    if (behind < -stepMs && coveredUntil(wall) === null) return wall;
    const most = elapsed * slewed;
    return time + Math.min(most, Math.max(-most, behind));
  };
  return {
    now() {
      const time = advance();
      anchor = { time: coveredUntil(time) ?? time, monotonic: clock.monotonic() };
      return anchor.time;
    },
    jumps: () => jumps,
  };
}
