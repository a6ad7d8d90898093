import { expect, test } from 'vitest';
import { createFakeClock } from '../testing/fake-clock.ts';
import { startLoop } from './loop.ts';

const settle = () => new Promise((resolve) => setImmediate(resolve));

test('the first run comes at once, the next one interval after the end of the one before', async () => {
  const clock = createFakeClock(0);
  const times: number[] = [];
  const loop = startLoop({
    clock,
    everyMs: 100,
    run: () => void times.push(clock.now()),
    onError: (error) => expect.unreachable(String(error)),
  });
  await settle();
  await clock.advance(250);
  expect(times).toEqual([0, 100, 200]);
  await loop.stop();
  await clock.advance(1000);
  expect(times).toHaveLength(3);
});

test('an error is told and the next run comes on time', async () => {
  const clock = createFakeClock(0);
  const errors: unknown[] = [];
  let runs = 0;
  const loop = startLoop({
    clock,
    everyMs: 100,
    run: () => (++runs % 2 === 1 ? Promise.reject(new Error(`run ${runs}`)) : undefined),
    onError: (error) => errors.push(error),
  });
  await settle();
  await clock.advance(250);
  await settle();
  expect(runs).toBe(3);
  expect(errors).toMatchObject([{ message: 'run 1' }, { message: 'run 3' }]);
  await loop.stop();
});

test('stopping aborts the run under way and waits for it', async () => {
  const clock = createFakeClock(0);
  let ended = false;
  const loop = startLoop({
    clock,
    everyMs: 100,
    async run(signal) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await settle();
      ended = true;
      throw new Error('aborted');
    },
    onError: (error) => expect.unreachable(String(error)),
  });
  await loop.stop();
  expect(ended).toBe(true);
});
