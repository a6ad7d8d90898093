import { describe, expect, it } from 'vitest';
import type { Box } from './box.ts';
import type { Person } from './candidates.ts';
import { followPeople } from './tracker.ts';
import type { Track, TrackedPerson } from './tracker.ts';

const STEP_MS = 400;

function person(x: number, y = 0.4, confidence = 0.6): Person {
  const box: Box = [x, y, 0.05, 0.15];
  return { box, confidence };
}

/** Ids are 1, 2, …; frames are STEP_MS apart unless told otherwise. */
function follow(frames: readonly (readonly Person[])[], stepMs = STEP_MS): TrackedPerson[][] {
  let tracks: readonly Track[] = [];
  let count = 0;
  return frames.map((people, index) => {
    const followed = followPeople(tracks, people, index * stepMs, () => String(++count));
    tracks = followed.tracks;
    return [...followed.people];
  });
}

function ids(frames: readonly TrackedPerson[][]): string[] {
  return frames.map((people) =>
    people
      .toSorted((a, b) => a.box[1] - b.box[1])
      .map(({ trackId }) => trackId)
      .join(' '),
  );
}

describe('a person', () => {
  it('is reported from the second sighting on', () => {
    expect(ids(follow([[person(0.1)], [person(0.12)], [person(0.14)]]))).toEqual(['', '1', '1']);
  });

  it('who is seen only once is never reported', () => {
    expect(ids(follow([[person(0.1)], [], [person(0.1)], []]))).toEqual(['', '', '', '']);
  });

  it('keeps the track while walking by more than a width a frame', () => {
    const walk = Array.from({ length: 12 }, (_, index) => [person(0.05 + index * 0.055)]);
    expect(new Set(ids(follow(walk)).slice(1))).toEqual(new Set(['1']));
  });

  it('who is hidden for a moment is found where the walk leads to', () => {
    const walk = Array.from({ length: 8 }, (_, index) => [person(0.1 + index * 0.04)]);
    const frames = follow(walk.map((people, index) => (index >= 3 && index <= 5 ? [] : people)));
    expect(ids(frames)).toEqual(['', '1', '1', '', '', '', '1', '1']);
  });

  it('who is hidden for long is someone new', () => {
    const still = [person(0.5)];
    const hidden = Array.from({ length: 7 }, () => []);
    expect(ids(follow([still, still, ...hidden, still, still])).filter((text) => text !== '')).toEqual([
      '1',
      '2',
    ]);
  });

  it('is followed by weak evidence but never begun by it', () => {
    const weak = [person(0.5, 0.4, 0.3)];
    expect(ids(follow([weak, weak, weak]))).toEqual(['', '', '']);
    expect(ids(follow([[person(0.5)], weak, weak, weak]))).toEqual(['', '1', '1', '1']);
  });

  it('does not get a wild speed from two frames of one moment', () => {
    let tracks: readonly Track[] = [];
    for (const x of [0.5, 0.502, 0.504]) tracks = followPeople(tracks, [person(x)], 1000, () => '1').tracks;
    const next = followPeople(tracks, [person(0.51)], 1400, () => '2');
    expect(next.people.map(({ trackId }) => trackId)).toEqual(['1']);
  });
});

describe('people who meet', () => {
  it('pass each other without swapping their tracks', () => {
    const frames = Array.from({ length: 11 }, (_, index) => [
      person(0.2 + index * 0.04, 0.4),
      person(0.6 - index * 0.04, 0.44),
    ]);
    expect(new Set(ids(follow(frames)).slice(1))).toEqual(new Set(['1 2']));
  });

  it('share no track', () => {
    const crowd = Array.from({ length: 8 }, (_, index) => person(0.1 + index * 0.06));
    const [, second] = follow([crowd, crowd]);
    expect(new Set(second?.map(({ trackId }) => trackId)).size).toBe(8);
  });
});
