import { expect, test } from 'vitest';
import { tellsTimeStoodBack } from './time-warning.ts';

const warning = (kind: string, current: number) =>
  `[mp4 @ 0x55] [warning] ${kind} DTS in output stream 0:0; previous: 400000, current: ${current}; changing to 400001.`;

test('time stamps that went back by more than two seconds are told, in the words of every version', () => {
  expect(tellsTimeStoodBack(warning('Non-monotonous', 100_000))).toBe(true);
  expect(tellsTimeStoodBack(warning('Non-monotonic', -323_600_000))).toBe(true);
});

test('a frame out of order is nothing to restart for, nor is any other line', () => {
  expect(tellsTimeStoodBack(warning('Non-monotonous', 391_000))).toBe(false);
  expect(tellsTimeStoodBack('[warning] RTP: missed 3 packets')).toBe(false);
});
