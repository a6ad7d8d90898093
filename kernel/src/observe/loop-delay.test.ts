/** Does the monitor notice a loop that was blocked, and forget it at the next look? */
import { expect, test } from 'vitest';
import { eventually } from '../http/http-for-tests.ts';
import { monitorLoopDelay } from './loop-delay.ts';

/** Two turns of the loop, each as late: between two ticks of the monitor there is no other measure of time. */
async function blockTwice(ms: number): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) {
    const end = performance.now() + ms;
    while (performance.now() < end);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('a blocked loop shows as the longest delay until it was read', async () => {
  const monitor = monitorLoopDelay();
  expect(monitor.read()).toBeNull();
  await blockTwice(150);
  expect(monitor.read()?.max).toBeGreaterThan(0.1);
  const read = performance.now();
  await eventually(() => performance.now() > read + 60);
  expect(monitor.read()?.max).toBeLessThan(0.1);
  monitor.stop();
});
