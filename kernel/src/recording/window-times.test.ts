import { describe, expect, it } from 'vitest';
import { minutesOf, paddedTime, problemWithWindow } from './window-times.ts';

describe('a time of day', () => {
  it.each([
    ['00:00', 0],
    ['9:5', 545],
    ['09:05', 545],
    ['23:59', 1439],
    ['24:00', 1440],
  ])('%s is minute %i', (text, minutes) => {
    expect(minutesOf(text)).toBe(minutes);
  });

  it.each(['24:01', '25:00', '12:60', '12', '12:00:00', '-1:00', '', 'noon'])('%j is none', (text) => {
    expect(minutesOf(text)).toBeNull();
  });

  it('is stored with two digits each', () => {
    expect(paddedTime('9:5')).toBe('09:05');
    expect(paddedTime(' 24:00 ')).toBe('24:00');
  });
});

describe('a window', () => {
  const window = { days: [0], timeStart: '08:00', timeEnd: '17:00' };

  it.each([window, { ...window, timeEnd: '07:00' }, { ...window, timeStart: '00:00', timeEnd: '24:00' }])(
    'that can be open is accepted: %j',
    (good) => {
      expect(problemWithWindow(good)).toBeNull();
    },
  );

  it.each([
    [{ days: [] }, /^days: .*at least one/],
    [{ days: [7] }, /^days: must be 0/],
    [{ timeStart: '24:00' }, /^time_start/],
    [{ timeStart: 'x' }, /^time_start/],
    [{ timeEnd: '24:01' }, /^time_end: must be/],
    [{ timeEnd: '08:00' }, /^time_end: equals.*24:00/],
  ])('that never could names what to change: %j', (change, text) => {
    expect(problemWithWindow({ ...window, ...change })).toMatch(text);
  });
});
