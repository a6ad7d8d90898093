import { expect, test } from 'vitest';
import { viewClock } from './clock-view.ts';
import { createFakeClock } from './fake-clock.ts';

test('a view runs its timers until it is cut; the clock goes on for others', async () => {
  const clock = createFakeClock(1000);
  const first = viewClock(clock);
  const second = viewClock(clock);
  const ran: string[] = [];
  first.clock.after(10, () => ran.push('first at 10'));
  first.clock.after(30, () => ran.push('first at 30'));
  second.clock.after(30, () => ran.push('second at 30'));
  const cancel = second.clock.after(20, () => ran.push('cancelled'));
  cancel();
  await clock.advance(15);
  first.cut();
  first.clock.after(1, () => ran.push('behind the cut'));
  await clock.advance(100);
  expect(ran).toEqual(['first at 10', 'second at 30']);
  expect([first.clock.now(), second.clock.now()]).toEqual([1115, 1115]);
  expect(clock.nextDue()).toBeNull();
});
