import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTestStore, type TestStore } from '../testing/test-store.ts';
import { intendedWithin, outagesWithin } from './gap-queries.ts';
import { openWriter } from './database.ts';

let test: TestStore;
beforeEach(async () => {
  test = await openTestStore({ cameras: ['gate', 'yard'] });
});
afterEach(() => test.close());

const begin = (at: number, cause: 'disk' | 'stalled' | 'kernel_stopped', more: object = {}) =>
  test.store.write('outages.begin', { incarnation: 1, at, cause, ...more });
const end = (at: number) => test.store.write('outages.end', { incarnation: 1, at });
const all = () => outagesWithin(test.store.read, 1, -1_000_000, 1_000_000);

it('an outage lasts until it is recorded again, or another cause takes over', async () => {
  await begin(1000, 'disk');
  await begin(2000, 'disk');
  await begin(3000, 'stalled');
  await end(5000);
  await end(6000);
  expect(all()).toEqual([
    { start: 1000, end: 3000, cause: 'disk' },
    { start: 3000, end: 5000, cause: 'stalled' },
  ]);
});

it('an outage that is open is not overruled by a cause that is only guessed', async () => {
  await begin(1000, 'disk');
  await begin(500, 'kernel_stopped', { unlessOpen: true });
  expect(all()).toEqual([{ start: 1000, end: null, cause: 'disk' }]);
  await end(2000);
  await begin(3000, 'kernel_stopped', { unlessOpen: true });
  expect(all().at(-1)).toEqual({ start: 3000, end: null, cause: 'kernel_stopped' });
});

it('an outage of an unknown life of a camera is not noted', async () => {
  await test.store.write('outages.begin', { incarnation: 99, at: 1, cause: 'disk' });
  await test.store.write('outages.add', { incarnation: 99, start: 1, end: 2, cause: 'clock_jump' });
  expect(test.sql('SELECT * FROM recording_outages')).toEqual([]);
});

it('an outage never overlaps another, whatever order times come in', async () => {
  const step = fc.record({
    begin: fc.boolean(),
    at: fc.nat(10_000),
    cause: fc.constantFrom('disk' as const, 'stalled' as const),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      for (const { begin: isBegin, at, cause } of steps) await (isBegin ? begin(at, cause) : end(at));
      const spans = all();
      for (const [index, { start, end: until }] of spans.entries()) {
        expect(until ?? start).toBeGreaterThanOrEqual(start);
        expect(spans[index + 1]?.start ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(
          until ?? Number.POSITIVE_INFINITY,
        );
      }
    }),
    { numRuns: 8 },
  );
});

it('outages and intent are read cut to the window, also where they began before it', async () => {
  const db = openWriter(test.store.file);
  const insert = db.prepare(`INSERT INTO recording_intents VALUES (1, ?, ?, 'scheduled')`);
  for (const [from, to] of [
    [0, 1000],
    [2000, 5000],
    [6000, null],
  ])
    insert.run(from, to);
  db.close();
  expect(intendedWithin(test.store.read, 1, 3000, 8000)).toEqual([
    { start: 3000, end: 5000 },
    { start: 6000, end: 8000 },
  ]);
  expect(intendedWithin(test.store.read, 1, 1000, 2000)).toEqual([]);
  expect(intendedWithin(test.store.read, 2, 0, 1000)).toBeNull();
});
