import { expect, test } from 'vitest';
import { withDeadline } from './deadline.ts';

test('work in time is passed through, with its error', async () => {
  expect(await withDeadline(Promise.resolve(7), 1000, 'late')).toBe(7);
  await expect(withDeadline(Promise.reject(new Error('own')), 1000, 'late')).rejects.toThrow('own');
});

test('work that takes too long is given up; what becomes of it later harms nobody', async () => {
  const work = Promise.withResolvers<never>();
  await expect(withDeadline(work.promise, 10, 'it took too long')).rejects.toThrow('it took too long');
  work.reject(new Error('later'));
  await new Promise((resolve) => setImmediate(resolve));
});
