/** Are jobs bounded, and does each end with its time or the pool, whoever waits for it? */
import { expect, test } from 'vitest';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createJobPool } from './job-pool.ts';

function pool(concurrency: number, queue: number) {
  const clock = createFakeClock();
  return { clock, jobs: createJobPool({ name: 'exports', concurrency, queue, clock }) };
}

test('as many run as allowed, as many wait as allowed, and the next is told when to come back', async () => {
  const { jobs } = pool(2, 1);
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const begun: number[] = [];
  const results = gates.map((gate, index) =>
    jobs.run(1000, async () => {
      begun.push(index);
      await gate.promise;
      return index;
    }),
  );
  expect(begun).toEqual([0, 1]);
  expect(jobs).toMatchObject({ running: 2, waiting: 1 });
  await expect(jobs.run(1000, () => Promise.resolve())).rejects.toMatchObject({
    code: 'busy',
    details: { retryAfterS: 5 },
  });
  gates[1]?.resolve();
  expect(await results[1]).toBe(1);
  await expect.poll(() => begun).toEqual([0, 1, 2]);
  for (const gate of gates) gate.resolve();
  expect(await Promise.all(results)).toEqual([0, 1, 2]);
  expect(jobs).toMatchObject({ running: 0, waiting: 0 });
});

test('a job that takes too long is aborted, and keeps its place until it has ended', async () => {
  const { clock, jobs } = pool(1, 0);
  const cleanedUp = Promise.withResolvers<void>();
  const job = jobs.run(1000, async (signal) => {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    await cleanedUp.promise;
    signal.throwIfAborted();
  });
  // Told before it is looked at.
  job.catch(() => {});
  await clock.advance(1000);
  expect(jobs.running).toBe(1);
  cleanedUp.resolve();
  await expect(job).rejects.toMatchObject({ code: 'unavailable' });
  expect(jobs.running).toBe(0);
});

test('a job that fails gives its place to the next', async () => {
  const { jobs } = pool(1, 1);
  const failing = jobs.run(1000, () => Promise.reject(new Error('no')));
  const next = jobs.run(1000, () => Promise.resolve('done'));
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('done');
});

test('a place can be held without a job, is given back once, and is never waited for', async () => {
  const { jobs } = pool(1, 5);
  const leave = jobs.take();
  expect(() => jobs.take()).toThrow(/too many exports/);
  leave();
  leave();
  expect(jobs.running).toBe(0);
  jobs.take()();
});

test('the end of the pool aborts what runs, refuses what waits, and takes no more', async () => {
  const { jobs } = pool(1, 1);
  const running = jobs.run(1000, async (signal) => {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    signal.throwIfAborted();
  });
  const waiting = jobs.run(1000, () => Promise.resolve());
  const [, ...ends] = await Promise.allSettled([jobs.stop(), running, waiting]);
  const reason: unknown = expect.objectContaining({ code: 'unavailable' });
  expect(ends).toEqual([
    { status: 'rejected', reason },
    { status: 'rejected', reason },
  ]);
  await expect(jobs.run(1000, () => Promise.resolve())).rejects.toMatchObject({ code: 'unavailable' });
});
