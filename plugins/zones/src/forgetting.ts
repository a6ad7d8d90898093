/** Which tracks are lost or too many, and which exits does forgetting them bring? */
import type { Entry, Evaluation, ZoneEvent } from './engine.ts';

/** An entry unseen for longer than this is forgotten. */
export const forgetAfterSeconds = 120;
/** Remembered tracks of one camera. Beyond it the longest unseen are forgotten, an eighth of them at a time. */
export const maxTracks = 4096;
export const tracksKeptWhenFull = maxTracks - maxTracks / 8;

type Tracks = Iterable<readonly [trackId: string, entries: readonly Entry[]]>;

export interface Forgetting extends Evaluation {
  /** Of what remains; null when nothing does. */
  readonly oldestSecond: number | null;
}

/** Forgets entries last seen before `now` − 120 s, for a tick at `now` on a whole second. Exact: see `Entry.seenSecond`. */
export function forgetUnseen(tracks: Tracks, now: number): Forgetting {
  const horizon = Math.floor(now / 1000) - forgetAfterSeconds;
  const changes = new Map<string, readonly Entry[]>();
  const events: ZoneEvent[] = [];
  let oldestSecond: number | null = null;
  for (const [trackId, entries] of tracks) {
    const kept = entries.filter(({ seenSecond }) => seenSecond >= horizon);
    if (kept.length < entries.length) {
      changes.set(trackId, kept);
      const lost = entries.filter(({ seenSecond }) => seenSecond < horizon);
      events.push(...exits(trackId, lost, now));
    }
    for (const { seenSecond } of kept) oldestSecond = Math.min(oldestSecond ?? seenSecond, seenSecond);
  }
  return { changes, events, oldestSecond };
}

/** Forgets all but the `keep` tracks seen last; among those seen in the same second, the greater track id stays. */
export function forgetSurplus(tracks: Tracks, keep: number, now: number): Evaluation {
  const byAge = [...tracks]
    .map(([trackId, entries]) => ({ trackId, entries, seen: latestSecond(entries) }))
    .sort((a, b) => a.seen - b.seen || compareText(a.trackId, b.trackId));
  const changes = new Map<string, readonly Entry[]>();
  const events: ZoneEvent[] = [];
  for (const { trackId, entries } of byAge.slice(0, Math.max(0, byAge.length - keep))) {
    changes.set(trackId, []);
    events.push(...exits(trackId, entries, now));
  }
  return { changes, events };
}

/** In the order of the zones' ids, which is the same whatever order the entries were made in. */
function exits(trackId: string, entries: readonly Entry[], at: number): ZoneEvent[] {
  return [...entries]
    .sort((a, b) => compareText(a.zoneId, b.zoneId))
    .flatMap(({ zoneId, visit }) =>
      visit
        ? {
            type: 'exit',
            trackId,
            zoneId,
            zoneName: visit.zoneName,
            severity: visit.severity,
            label: visit.label,
            at,
            dwellSeconds: null,
          }
        : [],
    );
}

function latestSecond(entries: readonly Entry[]): number {
  return entries.reduce((latest, { seenSecond }) => Math.max(latest, seenSecond), 0);
}

/** By UTF-16 code units. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
