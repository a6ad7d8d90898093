import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Clock } from '../clock.ts';
import { openTestStore, type TestStore } from '../testing/test-store.ts';
import { createTriggerWindows } from './trigger-windows.ts';

let test: TestStore;
/** How far the wall clock was set, ms. */
let setBy = 0;
let clock: Clock;
beforeAll(async () => {
  test = await openTestStore();
  clock = { ...test.clock, now: () => test.clock.now() + setBy };
});
beforeEach(() => {
  setBy = 0;
});
afterAll(() => test.close());

const windows = () => createTriggerWindows({ store: test.store, clock });

it('a trigger opens a window, another one moves its end, never to an earlier time', async () => {
  const triggers = windows();
  expect(triggers.open(1)).toBeNull();
  const now = clock.now();
  const first = await triggers.fire(1, now, 30_000);
  expect(first).toMatchObject({ firedAt: now, until: now + 30_000 });
  await test.clock.advance(10_000);
  expect(await triggers.fire(1, now + 10_000, 5000)).toMatchObject({ firedAt: now, until: now + 30_000 });
  expect(await triggers.fire(1, now + 10_000, 30_000)).toMatchObject({ firedAt: now, until: now + 40_000 });
  await test.clock.advance(30_001);
  expect(triggers.open(1)).toBeNull();
  expect(await triggers.fire(1, now + 40_000, 1000)).toMatchObject({ firedAt: now + 40_000 });
});

it.each([3_600_000, -3_600_000])(
  'a window lasts as long as it should when the clock is set by %i ms',
  async (by) => {
    const triggers = windows();
    await triggers.fire(1, clock.now(), 30_000);
    setBy = by;
    await test.clock.advance(29_000);
    expect(triggers.open(1)).not.toBeNull();
    await test.clock.advance(1001);
    expect(triggers.open(1)).toBeNull();
  },
);

it('a window goes on after a restart, but never longer than a post-roll can be', async () => {
  const until = clock.now() + 30_000;
  await windows().fire(2, clock.now(), 30_000);
  await test.clock.advance(10_000);
  expect(windows().open(2)).toMatchObject({ until });
  setBy = -10 * 3_600_000;
  const again = windows();
  expect(again.open(2)).not.toBeNull();
  await test.clock.advance(3_600_001);
  expect(again.open(2)).toBeNull();
});
