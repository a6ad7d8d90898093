/** Who runs beside whom while calls take turns, and for how long does one wait? */
import { beforeEach, expect, test } from 'vitest';
import { createFakeClock, type FakeClock } from '../../testing/fake-clock.ts';
import { createTurns, type Turns } from './turns.ts';

let clock: FakeClock;
/** By the clock's `monotonic`, which begins at 0. */
let keptUntil: number;
let turns: Turns;
let begun: string[];

beforeEach(() => {
  clock = createFakeClock();
  begun = [];
  keptUntil = 30_000;
  turns = createTurns(clock, () => keptUntil);
});

/** Notes its begin. */
async function take(name: string, signal?: AbortSignal): Promise<() => void> {
  const giveBack = await turns.take(signal);
  begun.push(name);
  return giveBack;
}

/** All that can go on without time goes on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('one at a time, in the order in which they asked', async () => {
  const first = await take('first');
  const second = take('second');
  void take('third');
  await settle();
  expect(begun).toEqual(['first']);
  first();
  await settle();
  expect(begun).toEqual(['first', 'second']);
  (await second)();
  await settle();
  expect(begun).toEqual(['first', 'second', 'third']);
});

test('nobody waits for a holder that does not end longer than turns are kept', async () => {
  await take('endless');
  void take('second');
  void take('third');
  await clock.advance(29_999);
  expect(begun).toEqual(['endless']);
  await clock.advance(1);
  expect(begun).toEqual(['endless', 'second', 'third']);
  expect(clock.nextDue()).toBeNull();
});

test('turns that are kept for longer meanwhile are waited for longer', async () => {
  await take('endless');
  void take('second');
  await clock.advance(20_000);
  keptUntil += 20_000;
  await clock.advance(29_999);
  expect(begun).toEqual(['endless']);
  await clock.advance(1);
  expect(begun).toEqual(['endless', 'second']);
});

test('an abort ends the wait at once, and lets nobody overtake', async () => {
  const first = await take('first');
  const abort = new AbortController();
  const second = take('second', abort.signal);
  void take('third');
  await settle();
  abort.abort(new Error('the client is gone'));
  await expect(second).rejects.toThrow('the client is gone');
  await settle();
  expect(begun).toEqual(['first']);
  first();
  await settle();
  expect(begun).toEqual(['first', 'third']);
  await expect(take('fourth', abort.signal)).rejects.toThrow('the client is gone');
});

test('who did not wait for the end of the turns does not let later ones overtake either', async () => {
  const first = await take('first');
  const second = take('second');
  await clock.advance(30_000);
  (await second)();
  keptUntil += 30_000;
  void take('third');
  await settle();
  expect(begun).toEqual(['first', 'second']);
  first();
  await settle();
  expect(begun).toEqual(['first', 'second', 'third']);
});
