/** Does the monitor notice a loop that was blocked, and forget it at the next look? */
import { expect, test } from 'vitest';
import { eventually } from '../http/http-for-tests.ts';
import { monitorLoopDelay } from './loop-delay.ts';

/** Two looks, and what holds them up: the first of them is what the next is measured from. */
const untilLooked = (from = performance.now()) => eventually(() => performance.now() > from + 1100);

test('a blocked loop shows as the longest delay until it was read', async () => {
  const monitor = monitorLoopDelay();
  expect(monitor.read()).toBeNull();
  await untilLooked();
  // Longer than two looks are apart, so that one of them comes late.
  const end = performance.now() + 1300;
  while (performance.now() < end);
  await untilLooked();
  expect(monitor.read()?.max).toBeGreaterThan(0.2);
  await untilLooked();
  expect(monitor.read()?.max).toBeLessThan(0.2);
  monitor.stop();
});
