/** Do ticks fall on the multiples of their interval, each once, between the right records? */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { lastTickBefore, parseInterval, tickAfter } from './ticks.ts';

test.each([
  ['10ms', 10],
  ['500ms', 500],
  ['1s', 1000],
  ['5m', 300_000],
  ['2h', 7_200_000],
  ['1d', 86_400_000],
])('%s are %i ms', (text, ms) => {
  expect(parseInterval(text, 'tick.every')).toBe(ms);
});

test.each(['', '5', 's', '1.5s', '-1s', '5 m', '1w', '9ms', '0h', '1s ', '1S', '0x1s'])(
  '%o is no interval',
  (text) => {
    expect(() => parseInterval(text, 'parking.stay: tick.every')).toThrow(
      `parking.stay: tick.every: '${text}' is not an interval; write a whole number with a unit, at least '10ms'`,
    );
  },
);

const time = fc.integer({ min: 0, max: 253_402_300_799_999 });
const interval = fc.integer({ min: 10, max: 86_400_000 });

test('the tick after T is the smallest multiple beyond it', () => {
  fc.assert(
    fc.property(time, interval, (tick, everyMs) => {
      const next = tickAfter(tick, everyMs);
      expect(next % everyMs).toBe(0);
      expect(next).toBeGreaterThan(tick);
      expect(next - everyMs).toBeLessThanOrEqual(tick);
    }),
  );
});

test('the tick before a record is the greatest multiple below it: one that falls on the record comes after it', () => {
  fc.assert(
    fc.property(time, interval, (received, everyMs) => {
      const last = lastTickBefore(received, everyMs);
      expect(Math.abs(last % everyMs)).toBe(0);
      expect(last).toBeLessThan(received === 0 ? 1 : received);
      expect(last + everyMs).toBeGreaterThanOrEqual(received);
    }),
  );
  expect(lastTickBefore(2000, 1000)).toBe(1000);
  expect(tickAfter(lastTickBefore(2000, 1000), 1000)).toBe(2000);
});
