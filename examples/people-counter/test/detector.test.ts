/** Are the people in real footage found, followed, and counted in the zones? */
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeJpeg } from '../src/decode.ts';
import { openDetector } from '../src/detector.ts';
import { trackIds } from '../src/people-analyser.ts';
import { followPeople } from '../src/tracker.ts';
import type { Track, TrackedPerson } from '../src/tracker.ts';
import { sampleFootage } from './footage.ts';
import { contains, countCrossings } from './zone-counter.ts';
import type { Zone } from './zone-counter.ts';

/** In these seconds seven people cross the picture, four of them past each other on the walkway. */
const cut = { fromSeconds: 22, seconds: 15, fps: 2 };
/** Nobody walks on the lawn then: what is found there is no person. */
const street = {
  name: 'Street',
  polygon: [
    [0, 0.3],
    [0.5, 0.35],
    [0.8, 0.22],
    [1, 0.22],
    [1, 0.85],
    [0.5, 0.6],
    [0, 0.48],
  ],
} as const satisfies Zone;

let frames: (readonly TrackedPerson[])[] = [];
let zones: Zone[] = [];

beforeAll(async () => {
  zones = JSON.parse(await readFile(new URL('../zones.json', import.meta.url), 'utf8')) as Zone[];
  const jpegs = await sampleFootage(cut);
  const detector = await openDetector();
  const nextId = trackIds('1');
  let tracks: readonly Track[] = [];
  frames = jpegs.map((jpeg, index) => {
    const atMs = (index * 1000) / cut.fps;
    const followed = followPeople(tracks, detector.detect(decodeJpeg(jpeg)), atMs, nextId);
    tracks = followed.tracks;
    return followed.people;
  });
  detector.close();
});

function secondsFollowed(): number[] {
  const sightings = new Map<string, number>();
  for (const { trackId } of frames.flat()) sightings.set(trackId, (sightings.get(trackId) ?? 0) + 1);
  return [...sightings.values()].map((count) => count / cut.fps);
}

describe('people on the street', () => {
  it('are found in every frame, most of them', () => {
    const perFrame = frames.slice(1).map((people) => people.length);
    expect(perFrame).toHaveLength(cut.seconds * cut.fps - 1);
    expect(Math.min(...perFrame)).toBeGreaterThanOrEqual(4);
    expect(perFrame.filter((count) => count >= 6).length).toBeGreaterThanOrEqual(10);
    expect(Math.max(...perFrame)).toBe(7);
  });

  it('are nothing but people', () => {
    const outside = frames
      .flat()
      .filter(({ box: [x, y, w, h] }) => !contains(street.polygon, x + w / 2, y + h));
    expect(outside).toEqual([]);
  });

  it('are followed for many seconds each', () => {
    const seconds = secondsFollowed();
    expect(seconds.filter((length) => length >= 5).length).toBeGreaterThanOrEqual(6);
    expect(seconds.length).toBeLessThanOrEqual(9);
  });

  it('walk in and out of the zones', () => {
    const crossings = Object.fromEntries(zones.map((zone) => [zone.name, countCrossings(zone, frames)]));
    expect(crossings.Walkway?.enter).toBeGreaterThanOrEqual(3);
    expect(crossings.Walkway?.exit).toBeGreaterThanOrEqual(3);
    expect(crossings.Road?.enter).toBeGreaterThanOrEqual(4);
    expect(crossings.Road?.exit).toBeGreaterThanOrEqual(3);
  });
});
