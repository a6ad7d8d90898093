/** Are tracks forgotten exactly when they should, with exits that still know their zone? */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Entry } from './engine.ts';
import { forgetSurplus, forgetUnseen } from './forgetting.ts';

const start = Date.UTC(2026, 0, 31, 12);

function entry(fields: Partial<Entry> = {}): Entry {
  const visit = {
    enteredAt: start,
    dwelt: false,
    label: 'person',
    zoneName: 'Yard',
    severity: 'critical',
  } as const;
  return { zoneId: 'zone_1', seenSecond: start / 1000, contrary: 0, visit, lastEventAt: start, ...fields };
}

test('an entry is lost at the first whole second more than 120 s after its latest observation', () => {
  const tracks = [['7', [entry()]]] as const;
  expect(forgetUnseen(tracks, start + 120_000)).toMatchObject({ events: [], oldestSecond: start / 1000 });
  const { changes, events, oldestSecond } = forgetUnseen(tracks, start + 121_000);
  expect([...changes]).toEqual([['7', []]]);
  expect(oldestSecond).toBeNull();
  expect(events).toEqual([
    {
      type: 'exit',
      trackId: '7',
      zoneId: 'zone_1',
      zoneName: 'Yard',
      severity: 'critical',
      label: 'person',
      at: start + 121_000,
      dwellSeconds: null,
    },
  ]);
});

test('keeping whole seconds loses nothing: ticks decide as if the millisecond were known', () => {
  const seenMs = fc.integer({ min: start, max: start + 300_000 });
  const tick = fc.integer({ min: 0, max: 500 }).map((second) => start + second * 1000);
  fc.assert(
    fc.property(seenMs, tick, (seen, now) => {
      const tracks = [['1', [entry({ seenSecond: Math.floor(seen / 1000) })]]] as const;
      expect(forgetUnseen(tracks, now).events.length).toBe(seen < now - 120_000 ? 1 : 0);
    }),
    { numRuns: 2000 },
  );
});

test('only the lost entries of a track go, and those outside go silently', () => {
  const seen = entry({ zoneId: 'zone_3', seenSecond: start / 1000 + 60 });
  const tracks = [['1', [entry({ zoneId: 'zone_2' }), seen, entry({ visit: null })]]] as const;
  const { changes, events, oldestSecond } = forgetUnseen(tracks, start + 130_000);
  expect(changes.get('1')).toEqual([seen]);
  expect(events.map(({ zoneId }) => zoneId)).toEqual(['zone_2']);
  expect(oldestSecond).toBe(start / 1000 + 60);
});

test('exits of one track come in the order of zone ids', () => {
  const entries = ['zone_b', 'zone_c', 'zone_a'].map((zoneId) => entry({ zoneId }));
  expect(forgetUnseen([['1', entries]], start + 121_000).events.map(({ zoneId }) => zoneId)).toEqual([
    'zone_a',
    'zone_b',
    'zone_c',
  ]);
});

test('of too many tracks those unseen longest go, by their latest entry, then by track id', () => {
  const at = (second: number) => [entry({ seenSecond: second })];
  const tracks = [
    ['a', at(5)],
    ['b', at(4)],
    ['c', [entry({ seenSecond: 1 }), entry({ seenSecond: 9 })]],
    ['d', at(4)],
    ['e', [entry({ seenSecond: 2, visit: null })]],
  ] as const;
  const { changes, events } = forgetSurplus(tracks, 3, start + 7000);
  expect([...changes.keys()]).toEqual(['e', 'b']);
  expect(events).toMatchObject([{ type: 'exit', trackId: 'b', at: start + 7000 }]);
  expect(forgetSurplus(tracks, 5, start).changes.size).toBe(0);
});
