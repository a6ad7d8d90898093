/** Does the monitor notice a loop that was blocked, and forget it at the next look? */
import { expect, test } from 'vitest';
import { eventually } from '../http/http-for-tests.ts';
import { monitorLoopDelay } from './loop-delay.ts';

/** A few turns of the loop, each as late: the monitor needs one tick to start from, and one to measure. */
async function blockTurns(ms: number): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) {
    const end = performance.now() + ms;
    while (performance.now() < end);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('a blocked loop shows as the longest delay until it was read', async () => {
  const monitor = monitorLoopDelay();
  expect(monitor.read()).toBeNull();
  await blockTurns(260);
  expect(monitor.read()?.max).toBeGreaterThan(0.2);
  const read = performance.now();
  await eventually(() => performance.now() > read + 150);
  expect(monitor.read()?.max).toBeLessThan(0.2);
  monitor.stop();
});
