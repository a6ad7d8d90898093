/** Does one batch change membership, visits and times as it should? */
import type { Detection } from '@heldar/plugin-sdk';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ActiveZone, type Entry, evaluateBatch, type ZoneEvent } from './engine.ts';

const start = Date.UTC(2026, 0, 31, 12);
const inside = [0.4, 0.4, 0.2, 0.1];
const outside = [0.8, 0.8, 0.1, 0.1];

function zone(fields: Partial<ActiveZone> = {}): ActiveZone {
  const polygon = [[0.2, 0.2], [0.7, 0.2], [0.7, 0.7], [0.2, 0.7]] as const; // prettier-ignore
  return {
    id: 'zone_1',
    name: 'Yard',
    severity: 'warning',
    polygon,
    labels: [],
    dwellSeconds: 0,
    confirmFrames: 2,
    ...fields,
  };
}

function person(bbox: readonly number[], fields: Partial<Detection> = {}): Detection {
  return { label: 'person', confidence: 0.5, bbox, track_id: '1', attributes: {}, ...fields };
}

/** Keeps entries between batches; times are in ms since `start`. */
function scene(zones: ActiveZone[]) {
  const tracks = new Map<string, readonly Entry[]>();
  const see = (detections: Detection[], received: number, timestamp = received): readonly ZoneEvent[] => {
    const { changes, events } = evaluateBatch(zones, (id) => tracks.get(id) ?? [], {
      timestamp: start + timestamp,
      received: start + received,
      detections,
    });
    for (const [id, entries] of changes) {
      if (entries.length > 0) tracks.set(id, entries);
      else tracks.delete(id);
    }
    return events;
  };
  return { tracks, see };
}

const types = (events: readonly ZoneEvent[]) => events.map(({ type }) => type);

test('two observations inside enter, two outside leave, and each event says what it needs', () => {
  const { see } = scene([zone()]);
  expect(see([person(inside)], 0)).toEqual([]);
  expect(see([person(inside)], 200)).toEqual([
    {
      type: 'enter',
      trackId: '1',
      zoneId: 'zone_1',
      zoneName: 'Yard',
      severity: 'warning',
      label: 'person',
      at: start + 200,
      dwellSeconds: null,
    },
  ]);
  expect(see([person(outside)], 400)).toEqual([]);
  expect(see([person(outside, { label: 'dog' })], 600)).toMatchObject([
    { type: 'exit', label: 'dog', at: start + 600 },
  ]);
});

test('a flicker forgets the candidate', () => {
  const { see, tracks } = scene([zone({ confirmFrames: 3 })]);
  for (const box of [inside, inside, outside, inside, inside]) expect(see([person(box)], 0)).toEqual([]);
  expect(types(see([person(inside)], 0))).toEqual(['enter']);
  for (const box of [outside, outside, inside, outside, outside]) expect(see([person(box)], 0)).toEqual([]);
  expect(types(see([person(outside)], 0))).toEqual(['exit']);
  expect(tracks.get('1')).toMatchObject([{ visit: null, contrary: 0 }]);
});

test('a track that never was inside leaves nothing behind', () => {
  const { see, tracks } = scene([zone()]);
  see([person(outside)], 0);
  expect(tracks.size).toBe(0);
  see([person(inside)], 100);
  expect(tracks.size).toBe(1);
  see([person(outside)], 200);
  expect(tracks.size).toBe(0);
});

test('an observation whose label does not count leaves the entry as it is', () => {
  const { see, tracks } = scene([zone({ labels: ['person', 'dog'] })]);
  see([person(inside)], 0);
  const before = tracks.get('1');
  expect(see([person(inside, { label: 'car' })], 5000)).toEqual([]);
  expect(see([person(inside, { label: 'Person' })], 5000)).toEqual([]);
  expect(see([person(inside, { label: null })], 5000)).toEqual([]);
  expect(tracks.get('1')).toBe(before);
  expect(types(see([person(inside, { label: 'dog' })], 6000))).toEqual(['enter']);
});

test('dwell comes once a visit, when the time inside reaches the limit, with the measured seconds', () => {
  const { see } = scene([zone({ dwellSeconds: 2.5, confirmFrames: 1 })]);
  expect(types(see([person(inside)], 0))).toEqual(['enter']);
  expect(see([person(inside)], 2499)).toEqual([]);
  expect(see([person(inside)], 2500)).toMatchObject([{ type: 'dwell', dwellSeconds: 2.5, at: start + 2500 }]);
  expect(see([person(inside)], 9000)).toEqual([]);
  expect(types(see([person(outside)], 9100))).toEqual(['exit']);
  expect(types(see([person(inside)], 9200))).toEqual(['enter']);
  expect(see([person(inside)], 12_345)).toMatchObject([{ type: 'dwell', dwellSeconds: 3.145 }]);
});

test('a dwell is measured also while a candidate for leaving is counted', () => {
  const { see } = scene([zone({ dwellSeconds: 1 })]);
  see([person(inside)], 0);
  see([person(inside)], 0);
  expect(types(see([person(outside)], 1000))).toEqual(['dwell']);
  expect(types(see([person(outside)], 1000))).toEqual(['exit']);
});

test('capture time counts, bounded by log time', () => {
  const { see } = scene([zone({ confirmFrames: 1, dwellSeconds: 4 })]);
  expect(see([person(inside)], 10_000, 1000)).toMatchObject([{ at: start + 1000 }]);
  expect(see([person(inside)], 10_100, 5000)).toMatchObject([{ type: 'dwell', dwellSeconds: 4 }]);
  expect(see([person(outside)], 11_000, 99_000)).toMatchObject([{ type: 'exit', at: start + 11_000 }]);
});

test('a late frame does not turn the time of an entry back', () => {
  const { see } = scene([zone({ confirmFrames: 1 })]);
  expect(see([person(inside)], 5000)).toMatchObject([{ type: 'enter', at: start + 5000 }]);
  expect(see([person(outside)], 5100, 3000)).toMatchObject([{ type: 'exit', at: start + 5000 }]);
  expect(see([person(inside)], 5200, 4000)).toMatchObject([{ type: 'enter', at: start + 5000 }]);
});

test('events come by track in the order of the batch, within a track in the order of the zones', () => {
  const zones = [zone({ id: 'zone_b', confirmFrames: 1 }), zone({ id: 'zone_a', confirmFrames: 1 })];
  const { see } = scene(zones);
  const events = see([person(inside, { track_id: '2' }), person(inside, { track_id: '1' })], 0);
  expect(events.map(({ trackId, zoneId }) => `${trackId} ${zoneId}`)).toEqual([
    '2 zone_b',
    '2 zone_a',
    '1 zone_b',
    '1 zone_a',
  ]);
});

test('within one second of log time an observation that changes nothing is not stored again', () => {
  const { see, tracks } = scene([zone({ confirmFrames: 1 })]);
  see([person(inside)], 100);
  const before = tracks.get('1');
  see([person(inside)], 900);
  expect(tracks.get('1')).toBe(before);
  see([person(inside)], 1000);
  expect(tracks.get('1')).toMatchObject([{ seenSecond: start / 1000 + 1 }]);
});

const step = fc.record({
  isIn: fc.boolean(),
  waitMs: fc.integer({ min: 0, max: 3000 }),
  lagMs: fc.integer({ min: -500, max: 2000 }),
});

test('membership turns exactly after the confirming run of observations', () => {
  const confirm = fc.integer({ min: 1, max: 10 });
  fc.assert(
    fc.property(confirm, fc.array(fc.boolean(), { maxLength: 80 }), (confirmFrames, sightings) => {
      const { see } = scene([zone({ confirmFrames })]);
      const actual = sightings.flatMap((isIn) => types(see([person(isIn ? inside : outside)], 0)));

      const expected: string[] = [];
      let member = false;
      let run: boolean[] = [];
      for (const isIn of sightings) {
        run = isIn === member ? [] : [...run, isIn];
        if (run.length < confirmFrames) continue;
        member = isIn;
        run = [];
        expected.push(isIn ? 'enter' : 'exit');
      }
      expect(actual).toEqual(expected);
    }),
  );
});

test('enter and exit alternate, at most one dwell lies between them, and times never run back', () => {
  const confirm = fc.integer({ min: 1, max: 3 });
  fc.assert(
    fc.property(confirm, fc.array(step, { maxLength: 120 }), (confirmFrames, steps) => {
      const { see } = scene([zone({ confirmFrames, dwellSeconds: 3 })]);
      let now = 0;
      const events = steps.flatMap(({ isIn, waitMs, lagMs }) => {
        now += waitMs;
        return see([person(isIn ? inside : outside)], now, now - lagMs);
      });
      expect(types(events).join(' ')).toMatch(/^(?:enter (?:dwell )?exit ?)*(?:enter(?: dwell)?)?$/);
      for (const { dwellSeconds } of events) expect(dwellSeconds ?? 3).toBeGreaterThanOrEqual(3);
      const times = events.map(({ at }) => at);
      expect(times).toEqual([...times].sort((a, b) => a - b));
    }),
  );
});
