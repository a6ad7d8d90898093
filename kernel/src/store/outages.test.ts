import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTestStore, type TestStore } from '../testing/test-store.ts';
import { openOutage, outagesWithin } from './gap-queries.ts';

let test: TestStore;
beforeEach(async () => {
  test = await openTestStore({ cameras: ['gate', 'yard'] });
});
afterEach(() => test.close());

const begin = (at: number, cause: 'disk' | 'stalled' | 'kernel_stopped') =>
  test.store.write('outages.begin', { incarnation: 1, at, cause });
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

it('the outage that lasts is found, and none where it is recorded', async () => {
  const open = () => openOutage(test.store.read, 1);
  expect(open()).toBeUndefined();
  await begin(1000, 'disk');
  await begin(2000, 'kernel_stopped');
  expect(open()).toEqual({ start: 2000, end: null, cause: 'kernel_stopped' });
  expect(openOutage(test.store.read, 2)).toBeUndefined();
  await end(3000);
  expect(open()).toBeUndefined();
});

it('an outage of a life of a camera that is unknown or over is not noted', async () => {
  await test.store.write('cameras.delete', { id: 'yard' });
  await test.store.write('outages.begin', { incarnation: 2, at: 1, cause: 'disk' });
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
