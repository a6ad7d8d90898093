/** How a camera's zones and tracks are laid out in the durable state of its lane. */
import type { KeyedState } from '@heldar/plugin-sdk';
import type { ActiveZone, Entry } from './engine.ts';
import type { ZoneChange } from './messages.ts';

// Keys:
//   zones        ids of the camera's zones, enabled or not, in creation order
//   zone/<id>    the zone as the engine needs it; null while it is disabled
//   tracks       TrackSummary; absent while no track is remembered
//   track/<id>   Entry[], never empty

/** Saves looking at every track: how many there are, and when the next can be lost. */
interface TrackSummary {
  /** A tick does not know its camera otherwise. */
  readonly cameraId: string;
  readonly count: number;
  /** No entry was last seen before this second of log time. */
  readonly oldestSecond: number;
}

const noEntries: readonly Entry[] = [];

/** Enabled zones in creation order. */
export function activeZones(state: KeyedState): ActiveZone[] {
  return zoneIds(state).flatMap((id) => state.get<ActiveZone>(`zone/${id}`) ?? []);
}

export function zoneIds(state: KeyedState): readonly string[] {
  return state.get<readonly string[]>('zones') ?? [];
}

/** Entries of a changed, disabled or deleted zone stay: they leave by observation or when they are lost. */
export function applyZoneChange(state: KeyedState, { zone_id: id, zone }: ZoneChange): void {
  const ids = zoneIds(state);
  if (!zone) {
    const others = ids.filter((other) => other !== id);
    state.delete(`zone/${id}`);
    if (others.length > 0) state.set('zones', others);
    else state.delete('zones');
    return;
  }
  if (!ids.includes(id)) state.set('zones', [...ids, id]);
  const active: ActiveZone = {
    id,
    name: zone.name,
    severity: zone.severity,
    polygon: zone.polygon,
    labels: zone.labels,
    dwellSeconds: zone.dwell_seconds,
    confirmFrames: confirmFrames(zone.config),
  };
  state.set(`zone/${id}`, zone.enabled ? active : null);
}

export function entriesOf(state: KeyedState, trackId: string): readonly Entry[] {
  return state.get<readonly Entry[]>(`track/${trackId}`) ?? noEntries;
}

/** All remembered tracks, in the order of their ids. */
export function* allTracks(
  state: KeyedState,
): Iterable<readonly [trackId: string, entries: readonly Entry[]]> {
  for (const [key, entries] of state.entries<readonly Entry[]>('track/'))
    yield [key.slice('track/'.length), entries];
}

export function trackSummary(state: KeyedState): TrackSummary | undefined {
  return state.get<TrackSummary>('tracks');
}

/** Answers how many tracks are remembered now. */
export function storeTracks(
  state: KeyedState,
  cameraId: string,
  changes: ReadonlyMap<string, readonly Entry[]>,
  oldestSecond: number,
): number {
  const before = trackSummary(state);
  let count = before?.count ?? 0;
  for (const [trackId, entries] of changes) {
    const key = `track/${trackId}`;
    const known = state.has(key);
    if (entries.length > 0) state.set(key, entries);
    else if (known) state.delete(key);
    count += Number(entries.length > 0) - Number(known);
  }
  if (count === 0) {
    if (before) state.delete('tracks');
  } else if (before?.count !== count || before.oldestSecond !== oldestSecond) {
    state.set('tracks', { cameraId, count, oldestSecond } satisfies TrackSummary);
  }
  return count;
}

/** `confirm_frames`, a whole number clamped to 1..10; 2 when it is missing or anything else. */
function confirmFrames(config: unknown): number {
  const given =
    typeof config === 'object' && config !== null && 'confirm_frames' in config
      ? config.confirm_frames
      : undefined;
  const usable = typeof given === 'number' && Number.isInteger(given) && given >= 0;
  return usable ? Math.min(10, Math.max(1, given)) : 2;
}
