import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { capturedAtOf, capturedAtText } from './frame-id.ts';

it('writes times with +00:00, and milliseconds unless they are zero', () => {
  expect(capturedAtText(Date.UTC(2026, 0, 31, 12))).toBe('2026-01-31T12:00:00+00:00');
  expect(capturedAtText(Date.UTC(2026, 0, 31, 12, 0, 0, 250))).toBe('2026-01-31T12:00:00.250+00:00');
});

it('finds the time in the id a worker makes of it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), (ms) => {
      expect(capturedAtOf(`ai_0f:${capturedAtText(ms)}`)).toBe(ms);
    }),
  );
});

it('knows no time in other ids', () => {
  for (const id of ['', 'frame-7', ':', 'a:b', 'a:2026-01-31']) expect(capturedAtOf(id)).toBeUndefined();
});
