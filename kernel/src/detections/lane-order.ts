/** In which order does a lane take records and ticks, and where does it stand behind each? Live lanes and replays go by these rules. */
import { wants, type ActiveConsumer } from './consumer-run.ts';
import type { LogRecord } from './record.ts';
import { lastTickBefore, tickAfter } from './ticks.ts';

export interface LanePosition {
  /** All records up to and including this one are done. */
  readonly seq: number;
  /** T of the last tick that is done; 0: ticks have not begun. */
  readonly tick: number;
  /** The camera is gone; nothing follows. */
  readonly ended: boolean;
}

/** The lane a record belongs to; null: to none of this consumer's. */
export function laneIdOf(order: ActiveConsumer['order'], incarnation: number | null): number | null {
  return order === 'all' ? 0 : incarnation;
}

/** T of the next tick; null: none. `stateSize`: keys of state the lane holds. */
export function nextTickOf(
  { everyMs, tickWhenIdle }: ActiveConsumer,
  { tick, ended }: LanePosition,
  stateSize: number,
): number | null {
  if (everyMs === null || tick === 0 || ended) return null;
  return tickWhenIdle || stateSize > 0 ? tickAfter(tick, everyMs) : null;
}

/** A tick at T runs between the last record received at T or before and the next. */
export function tickComesFirst(due: number | null, record: LogRecord): due is number {
  return due !== null && due < record.received;
}

/** Is there something to do for this record, or is it passed over? */
export function isWork(consumer: ActiveConsumer, lane: number, record: LogRecord): boolean {
  return wants(consumer, record) || endsLane(lane, record);
}

/** Where the lane stands behind a record, or behind the tick at T. */
export function positionBehind(
  consumer: ActiveConsumer,
  lane: number,
  position: LanePosition,
  done: LogRecord | number,
): LanePosition {
  if (typeof done === 'number') return { ...position, tick: done };
  const { everyMs } = consumer;
  // Ticks begin with the first record the consumer wants: how many others a lane gets to see depends on when it was started.
  const ticks = everyMs !== null && (position.tick > 0 || wants(consumer, done));
  return {
    seq: done.seq,
    tick: ticks ? Math.max(position.tick, lastTickBefore(done.received, everyMs)) : position.tick,
    ended: position.ended || endsLane(lane, done),
  };
}

/** The last record of a camera's lane. */
function endsLane(lane: number, record: LogRecord): boolean {
  return lane !== 0 && record.kind === 'record' && record.record.type === 'camera.deleted';
}
