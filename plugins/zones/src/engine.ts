/** What does one batch of one camera change, and which events does it bring? */
import type { Detection, Severity } from '@heldar/plugin-sdk';
import { encloses } from './geometry.ts';
import { type Observation, observeTracks } from './observations.ts';
import type { Point } from './schema.ts';

/** An enabled zone, as the engine needs it. */
export interface ActiveZone {
  readonly id: string;
  readonly name: string;
  readonly severity: Severity;
  readonly polygon: readonly Point[];
  /** Empty: every label counts. */
  readonly labels: readonly string[];
  /** 0: no dwell events. */
  readonly dwellSeconds: number;
  /** Consecutive observations that turn membership, 1..10. */
  readonly confirmFrames: number;
}

/** From an enter until its exit; keeps what the exit must say even when the zone is renamed or gone by then. */
export interface Visit {
  /** ms since the epoch, in evaluation time. */
  readonly enteredAt: number;
  readonly dwelt: boolean;
  readonly label: string;
  readonly zoneName: string;
  readonly severity: Severity;
}

/** What is remembered of one track in one zone. Absent: outside, nothing pending, no event so far. */
export interface Entry {
  readonly zoneId: string;
  /** Log time of the latest observation in whole seconds: all that a tick on whole seconds can tell apart. */
  readonly seenSecond: number;
  /** Consecutive observations so far that contradict the membership. */
  readonly contrary: number;
  /** Null while outside. */
  readonly visit: Visit | null;
  /** ms since the epoch; the next event is not earlier. */
  readonly lastEventAt: number | null;
}

export interface ZoneEvent {
  readonly type: 'enter' | 'exit' | 'dwell';
  readonly trackId: string;
  readonly zoneId: string;
  readonly zoneName: string;
  readonly severity: Severity;
  readonly label: string;
  /** ms since the epoch. */
  readonly at: number;
  /** Only for `dwell`. */
  readonly dwellSeconds: number | null;
}

/** `entries` by track, only those that differ; an empty list forgets the track. */
export interface Evaluation {
  readonly changes: ReadonlyMap<string, readonly Entry[]>;
  readonly events: readonly ZoneEvent[];
}

export interface FrameOfTracks {
  /** Capture time as the worker gave it, ms since the epoch. */
  readonly timestamp: number;
  /** Log time, ms since the epoch. */
  readonly received: number;
  readonly detections: readonly Detection[];
}

interface Moment {
  /** Capture time bounded by log time, ms. */
  readonly now: number;
  /** Log time, whole seconds. */
  readonly second: number;
}

/** Events come in the order of the tracks in the batch, within a track in the order of `zones`. */
export function evaluateBatch(
  zones: readonly ActiveZone[],
  entriesOf: (trackId: string) => readonly Entry[],
  batch: FrameOfTracks,
): Evaluation {
  const moment = {
    now: Math.min(batch.timestamp, batch.received),
    second: Math.floor(batch.received / 1000),
  };
  const changes = new Map<string, readonly Entry[]>();
  const events: ZoneEvent[] = [];
  for (const observation of observeTracks(batch.detections)) {
    const before = entriesOf(observation.trackId);
    let after = before;
    for (const zone of zones) {
      if (zone.labels.length > 0 && !zone.labels.includes(observation.label)) continue;
      const entry = after.find(({ zoneId }) => zoneId === zone.id);
      const step = observeInZone(zone, entry, observation, moment);
      after = replaceEntry(after, entry, step.entry);
      if (step.event) events.push(step.event);
    }
    if (after !== before) changes.set(observation.trackId, after);
  }
  return { changes, events };
}

/** One observation of one track in one zone: at most one event, and the same entry object when nothing changed. */
export function observeInZone(
  zone: ActiveZone,
  entry: Entry | undefined,
  observation: Observation,
  moment: Moment,
): { entry: Entry | undefined; event: ZoneEvent | undefined } {
  const inside = encloses(zone.polygon, observation.at);
  const wasInside = entry?.visit != null;
  const now = Math.max(moment.now, entry?.lastEventAt ?? moment.now);
  const contrary = inside === wasInside ? 0 : (entry?.contrary ?? 0) + 1;

  const turned = contrary >= zone.confirmFrames;
  const event = turned
    ? eventOf(inside ? 'enter' : 'exit', zone, observation, now, null)
    : dwellEvent(zone, entry?.visit ?? null, observation, now);

  const next: Entry = {
    zoneId: zone.id,
    seenSecond: moment.second,
    contrary: turned ? 0 : contrary,
    visit: visitAfter(event, entry?.visit ?? null),
    lastEventAt: event ? now : (entry?.lastEventAt ?? null),
  };
  return { entry: settle(entry, next), event };
}

function dwellEvent(
  zone: ActiveZone,
  visit: Visit | null,
  observation: Observation,
  now: number,
): ZoneEvent | undefined {
  if (!visit || visit.dwelt || zone.dwellSeconds <= 0) return undefined;
  const seconds = (now - visit.enteredAt) / 1000;
  return seconds >= zone.dwellSeconds ? eventOf('dwell', zone, observation, now, seconds) : undefined;
}

function visitAfter(event: ZoneEvent | undefined, visit: Visit | null): Visit | null {
  switch (event?.type) {
    case 'enter':
      return {
        enteredAt: event.at,
        dwelt: false,
        label: event.label,
        zoneName: event.zoneName,
        severity: event.severity,
      };
    case 'exit':
      return null;
    case 'dwell':
      return visit && { ...visit, dwelt: true };
    case undefined:
      return visit;
  }
}

function eventOf(
  type: ZoneEvent['type'],
  zone: ActiveZone,
  { trackId, label }: Observation,
  at: number,
  dwellSeconds: number | null,
): ZoneEvent {
  return {
    type,
    trackId,
    zoneId: zone.id,
    zoneName: zone.name,
    severity: zone.severity,
    label,
    at,
    dwellSeconds,
  };
}

/** Forgets an entry that says nothing, and keeps the old object when the new one says the same. */
function settle(old: Entry | undefined, next: Entry): Entry | undefined {
  if (!next.visit && next.contrary === 0 && next.lastEventAt === null) return undefined;
  const same =
    old &&
    old.seenSecond === next.seenSecond &&
    old.contrary === next.contrary &&
    old.visit === next.visit &&
    old.lastEventAt === next.lastEventAt;
  return same ? old : next;
}

function replaceEntry(
  entries: readonly Entry[],
  old: Entry | undefined,
  next: Entry | undefined,
): readonly Entry[] {
  if (old === next) return entries;
  const others = old ? entries.filter((entry) => entry !== old) : entries;
  return next ? [...others, next] : others;
}
