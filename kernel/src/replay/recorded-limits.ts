/** How far did production come with a lane? A replay that is compared with it goes no further. */
import type { RecordedConsumer } from '../store/recorded-queries.ts';

export interface LaneLimit {
  /** The last record that had its effect. */
  readonly seq: number;
  /** T of the last tick that did. */
  readonly tick: number;
}

export const unlimited: LaneLimit = { seq: Number.MAX_SAFE_INTEGER, tick: Number.MAX_SAFE_INTEGER };

/** `consumer` undefined: production has never run it, so there is nothing to keep to. */
export function limitOf(consumer: RecordedConsumer | undefined, lane: number): LaneLimit {
  if (consumer === undefined) return unlimited;
  return consumer.cursors.get(lane) ?? { seq: consumer.startSeq, tick: 0 };
}
