/** What does one record or tick do to a camera's durable state, and which events does it bring? */
import type { Batch, KeyedState } from '@heldar/plugin-sdk';
import { evaluateBatch, type ZoneEvent } from './engine.ts';
import {
  forgetAfterSeconds,
  forgetSurplus,
  forgetUnseen,
  maxTracks,
  tracksKeptWhenFull,
} from './forgetting.ts';
import { activeZones, allTracks, entriesOf, storeTracks, trackSummary } from './lane-state.ts';

export interface LaneResult {
  readonly events: readonly ZoneEvent[];
  /** Tracks forgotten because the camera had too many. */
  readonly evicted: number;
}

/** Nothing outside `state` influences the result, and nothing else is kept. */
export function processBatch(state: KeyedState, batch: Batch): LaneResult {
  const zones = activeZones(state);
  if (zones.length === 0) return { events: [], evicted: 0 };
  const { changes, events } = evaluateBatch(zones, (trackId) => entriesOf(state, trackId), batch);
  if (changes.size === 0) return { events, evicted: 0 };

  // Log time never runs backwards, so the oldest known second stays the oldest.
  const oldestSecond = trackSummary(state)?.oldestSecond ?? Math.floor(batch.received / 1000);
  const count = storeTracks(state, batch.cameraId, changes, oldestSecond);
  if (count <= maxTracks) return { events, evicted: 0 };

  const surplus = forgetSurplus(allTracks(state), tracksKeptWhenFull, batch.received);
  storeTracks(state, batch.cameraId, surplus.changes, oldestSecond);
  return { events: [...events, ...surplus.events], evicted: surplus.changes.size };
}

/** Exits of tracks that were lost, with the camera they belong to. `now` is on a whole second. */
export function processTick(
  state: KeyedState,
  now: number,
): { readonly cameraId: string; readonly events: readonly ZoneEvent[] } | undefined {
  const summary = trackSummary(state);
  if (!summary || summary.oldestSecond >= Math.floor(now / 1000) - forgetAfterSeconds) return undefined;
  const { changes, events, oldestSecond } = forgetUnseen(allTracks(state), now);
  storeTracks(state, summary.cameraId, changes, oldestSecond ?? summary.oldestSecond);
  return { cameraId: summary.cameraId, events };
}
