/** When do ticks run? At the multiples of the interval, each after the records received at it or before; from the first wanted record on. */
import type { LaneOfLog, LogRecord } from './log.ts';

export interface LaneSteps {
  readonly everyMs: number;
  wants(record: LogRecord): boolean;
  onRecord(record: LogRecord): void;
  onTick(at: number): void;
}

export function walkLane(lane: LaneOfLog, steps: LaneSteps): void {
  let due = Infinity;
  for (const record of lane.records) {
    for (; due < record.received; due += steps.everyMs) steps.onTick(due);
    if (!steps.wants(record)) continue;
    steps.onRecord(record);
    if (due === Infinity) due = Math.ceil(record.received / steps.everyMs) * steps.everyMs;
  }
  for (; due <= lane.ticksUntil; due += steps.everyMs) steps.onTick(due);
}
