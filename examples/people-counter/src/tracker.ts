/** Which person of this frame is which of the frames before? */
import { iou, widen } from './box.ts';
import type { Box } from './box.ts';
import type { Person } from './candidates.ts';

/** One person who is being followed; positions as parts of the picture, speeds in parts a second. */
export interface Track {
  readonly id: string;
  /** Where the person was seen last. */
  readonly box: Box;
  readonly speedX: number;
  readonly speedY: number;
  readonly seenAtMs: number;
  /** How many frames showed the person. */
  readonly sightings: number;
}

export interface TrackedPerson extends Person {
  readonly trackId: string;
}

export interface Followed {
  readonly tracks: readonly Track[];
  /** The people of this frame who are known from an earlier one. */
  readonly people: readonly TrackedPerson[];
}

/** A new person must be this sure; one who is followed may be less so. */
const START_CONFIDENCE = 0.45;
/** Someone who was hidden for longer is someone new. */
const LOST_AFTER_MS = 2500;
/** One frame may be a mistake of the detector. */
const CONFIRMED_SIGHTINGS = 2;
/** People move by more than their width between two frames, so boxes are widened before they are compared. */
const WIDEN_PART = 0.7;
const MIN_LIKENESS = 0.15;
/** Less than all of a surprise, because boxes tremble. */
const SPEED_GAIN = 0.7;

/** `atMs` is when the frame was taken; it must not decrease. `nextId` names a new track. */
export function followPeople(
  tracks: readonly Track[],
  people: readonly Person[],
  atMs: number,
  nextId: () => string,
): Followed {
  const alive = tracks.filter((track) => atMs - track.seenAtMs <= LOST_AFTER_MS);
  const sure = people.filter(({ confidence }) => confidence >= START_CONFIDENCE);
  const unsure = people.filter(({ confidence }) => confidence < START_CONFIDENCE);
  const matches = matchGreedily(alive, sure, atMs);
  const unmatched = alive.filter((track) => !matches.has(track));
  for (const [track, person] of matchGreedily(unmatched, unsure, atMs)) matches.set(track, person);
  const matched = new Set(matches.values());
  const seen = [...matches].map(([track, person]) => ({ track: advance(track, person, atMs), person }));
  const hidden = alive.filter((track) => !matches.has(track) && track.sightings >= CONFIRMED_SIGHTINGS);
  const started = sure
    .filter((person) => !matched.has(person))
    .map((person) => startTrack(nextId(), person, atMs));
  return {
    tracks: [...seen.map(({ track }) => track), ...hidden, ...started],
    people: seen.map(({ track, person }) => ({ ...person, trackId: track.id })),
  };
}

/** The likeliest pair first, until no likely pair is left. */
function matchGreedily(
  tracks: readonly Track[],
  people: readonly Person[],
  atMs: number,
): Map<Track, Person> {
  const pairs = tracks.flatMap((track) => {
    const expected = widen(expectedBox(track, atMs), WIDEN_PART);
    return people.map((person) => ({
      track,
      person,
      likeness: iou(expected, widen(person.box, WIDEN_PART)),
    }));
  });
  const matches = new Map<Track, Person>();
  const taken = new Set<Person>();
  for (const { track, person, likeness } of pairs.sort((a, b) => b.likeness - a.likeness)) {
    if (likeness < MIN_LIKENESS) break;
    if (matches.has(track) || taken.has(person)) continue;
    matches.set(track, person);
    taken.add(person);
  }
  return matches;
}

/** Straight on at constant speed. */
function expectedBox({ box: [x, y, w, h], speedX, speedY, seenAtMs }: Track, atMs: number): Box {
  const seconds = (atMs - seenAtMs) / 1000;
  return [x + speedX * seconds, y + speedY * seconds, w, h];
}

function startTrack(id: string, { box }: Person, atMs: number): Track {
  return { id, box, speedX: 0, speedY: 0, seenAtMs: atMs, sightings: 1 };
}

function advance(track: Track, { box }: Person, atMs: number): Track {
  const gain = speedGain(track, (atMs - track.seenAtMs) / 1000);
  const expected = expectedBox(track, atMs);
  return {
    id: track.id,
    box,
    speedX: track.speedX + gain * (middle(box) - middle(expected)),
    speedY: track.speedY + gain * (foot(box) - foot(expected)),
    seenAtMs: atMs,
    sightings: track.sightings + 1,
  };
}

/** How much of a surprise goes into the speed, a second. */
function speedGain({ sightings }: Track, seconds: number): number {
  // Two frames of the same moment say nothing about speed.
  if (seconds < 0.02) return 0;
  // The first step tells the whole speed: before it, standing still was only assumed.
  return (sightings === 1 ? 1 : SPEED_GAIN) / seconds;
}

function middle([x, , w]: Box): number {
  return x + w / 2;
}

function foot([, y, , h]: Box): number {
  return y + h;
}
