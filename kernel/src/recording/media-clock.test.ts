import { expect, it } from 'vitest';
import { createMediaClock } from './media-clock.ts';

it('tells a jump of time stamps, in either direction, but no slow drift', () => {
  const clock = createMediaClock();
  expect(clock.observe(4, 1000)).toBe(0);
  expect(clock.observe(8, 5100)).toBeCloseTo(-100);
  expect(clock.observe(3608, 9100)).toBeCloseTo(3_596_000);
  expect(clock.observe(3612, 13_100)).toBeCloseTo(0);
  expect(clock.observe(12, 17_100)).toBeCloseTo(-3_604_000);
});
