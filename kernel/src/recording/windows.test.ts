import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordingWindow } from './window-times.ts';
import { windowState } from './windows.ts';

const everyDay = [0, 1, 2, 3, 4, 5, 6];
const window = (timeStart: string, timeEnd: string, days = everyDay): RecordingWindow => ({
  days,
  timeStart,
  timeEnd,
});
const minute = 60_000;

/** Open spans within a time, as texts in UTC, cut to it. */
function openSpans(windows: RecordingWindow[], zone: string, from: string, to: string): string[] {
  const end = Date.parse(to);
  const spans: string[] = [];
  for (let at = Date.parse(from); at < end;) {
    const { isOpen, changesAt } = windowState(windows, zone, at);
    const until = Math.min(changesAt ?? end, end);
    if (isOpen) spans.push(`${shortTime(at)}/${shortTime(until)}`);
    at = until;
  }
  return spans;
}
const shortTime = (ms: number) => new Date(ms).toISOString().slice(0, 16);

describe('windows on an ordinary day', () => {
  // A Monday; Berlin is an hour ahead of UTC.
  it.each([
    ['the start is in', '2026-11-23T07:00:00Z', true, '2026-11-23T16:00:00.000Z'],
    ['the minute before is not', '2026-11-23T06:59:59.999Z', false, '2026-11-23T07:00:00.000Z'],
    ['the end is out', '2026-11-23T16:00:00Z', false, '2026-11-24T07:00:00.000Z'],
    ['a day that is not listed is closed', '2026-11-25T10:00:00Z', false, '2026-11-30T07:00:00.000Z'],
  ])('%s', (_, now, isOpen, changesAt) => {
    const state = windowState([window('08:00', '17:00', [0, 1])], 'Europe/Berlin', Date.parse(now));
    expect(state).toEqual({ isOpen, changesAt: Date.parse(changesAt) });
  });

  it('that end before they start run into the day after, also from Sunday to Monday', () => {
    const night = [window('22:00', '06:00', [6])];
    expect(openSpans(night, 'UTC', '2026-11-22T00:00Z', '2026-11-24T00:00Z')).toEqual([
      '2026-11-22T22:00/2026-11-23T06:00',
    ]);
  });

  it('make one when they touch or overlap', () => {
    const two = [window('08:00', '12:00'), window('11:00', '13:00'), window('13:00', '14:00')];
    expect(openSpans(two, 'UTC', '2026-11-23T00:00Z', '2026-11-24T00:00Z')).toEqual([
      '2026-11-23T08:00/2026-11-23T14:00',
    ]);
  });

  it('that cover all of the week never change, and none are never open', () => {
    expect(windowState([window('00:00', '24:00')], 'UTC', 0)).toEqual({ isOpen: true, changesAt: null });
    expect(windowState([], 'UTC', 0)).toEqual({ isOpen: false, changesAt: null });
    expect(windowState([window('10:00', '10:00')], 'UTC', 0)).toEqual({ isOpen: false, changesAt: null });
  });
});

describe('windows while the clock is set', () => {
  const berlin = 'Europe/Berlin';
  const spring = ['2026-03-28T23:00Z', '2026-03-29T22:00Z'] as const;
  const autumn = ['2026-10-24T22:00Z', '2026-10-25T23:00Z'] as const;
  it.each([
    // 02:00 to 03:00 does not exist.
    ['over the missing hour', '01:00', '04:00', spring, ['2026-03-29T00:00/2026-03-29T02:00']],
    ['from within the missing hour', '02:30', '05:00', spring, ['2026-03-29T01:00/2026-03-29T03:00']],
    ['into the missing hour', '01:00', '02:30', spring, ['2026-03-29T00:00/2026-03-29T01:00']],
    ['of the missing hour alone', '02:00', '03:00', spring, []],
    // 02:00 to 03:00 comes twice.
    ['over the doubled hour', '01:00', '04:00', autumn, ['2026-10-24T23:00/2026-10-25T03:00']],
    ['of the doubled hour alone', '02:00', '03:00', autumn, ['2026-10-25T00:00/2026-10-25T02:00']],
    [
      'into the doubled hour',
      '01:00',
      '02:30',
      autumn,
      ['2026-10-24T23:00/2026-10-25T00:30', '2026-10-25T01:00/2026-10-25T01:30'],
    ],
    ['of the whole day', '00:00', '24:00', spring, ['2026-03-28T23:00/2026-03-29T22:00']],
    ['of the whole longer day', '00:00', '24:00', autumn, ['2026-10-24T22:00/2026-10-25T23:00']],
  ])('%s', (_, start, end, [from, to], spans) => {
    expect(openSpans([window(start, end)], berlin, from, to)).toEqual(spans);
  });

  it('by half an hour, as on Lord Howe Island', () => {
    // 02:00 becomes 01:30 there on the first Sunday of April, at 15:00 UTC.
    const spans = openSpans(
      [window('01:00', '02:00')],
      'Australia/Lord_Howe',
      '2026-04-04T13:00Z',
      '2026-04-05T13:00Z',
    );
    expect(spans).toEqual(['2026-04-04T14:00/2026-04-04T15:30']);
  });
});

describe('windows in any zone', () => {
  const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC'];
  const time = fc.integer({ min: 0, max: 1439 }).map((at) => hhmm(at));
  const anyWindow = fc
    .record({
      days: fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1 }),
      start: time,
      end: time,
    })
    .filter(({ start, end }) => start !== end)
    .map(({ days, start, end }) => window(start, end, days));
  // Within a few days of the days on which clocks are set in 2026, or anywhere.
  const anyTime = fc.oneof(
    fc
      .constantFrom(
        '2026-03-08T07:00Z',
        '2026-03-29T01:00Z',
        '2026-04-04T15:00Z',
        '2026-10-03T15:30Z',
        '2026-10-25T01:00Z',
        '2026-11-01T06:00Z',
      )
      .chain((day) => fc.integer({ min: -3000, max: 3000 }).map((by) => Date.parse(day) + by * minute)),
    fc.integer({ min: 0, max: 525_600 }).map((minutes) => Date.parse('2026-01-01T00:00Z') + minutes * minute),
  );

  it('are open exactly when the wall clock says so, up to the next change and not beyond', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.array(anyWindow, { maxLength: 3 }),
        anyTime,
        (zone, windows, now) => {
          const { isOpen, changesAt } = windowState(windows, zone, now);
          expect(isOpen).toBe(wallSays(windows, zone, now));
          const until = Math.min(changesAt ?? Infinity, now + 8 * 24 * 60 * minute);
          for (let at = now; at < until; at += 15 * minute) expect(wallSays(windows, zone, at)).toBe(isOpen);
          expect(wallSays(windows, zone, until - 1)).toBe(isOpen);
          if (changesAt === null) return;
          expect(changesAt).toBeGreaterThan(now);
          expect(wallSays(windows, zone, changesAt)).toBe(!isOpen);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('and the windows that are their complement share all time between them', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), time, time, anyTime, (zone, start, end, now) => {
        fc.pre(start !== end);
        const inside = windowState([window(start, end)], zone, now);
        const outside = windowState([window(end, start)], zone, now);
        expect(outside).toEqual({ isOpen: !inside.isOpen, changesAt: inside.changesAt });
      }),
      { numRuns: 100 },
    );
  });
});

/** By the formatter of the platform, with nothing in common with what is tested. */
function wallSays(windows: readonly RecordingWindow[], zone: string, at: number): boolean {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const day = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(parts.get('weekday') ?? '');
  const wall = `${parts.get('hour')}:${parts.get('minute')}`;
  return windows.some(({ days, timeStart, timeEnd }) =>
    timeStart < timeEnd
      ? days.includes(day) && wall >= timeStart && wall < timeEnd
      : (days.includes(day) && wall >= timeStart) || (days.includes((day + 6) % 7) && wall < timeEnd),
  );
}

const formats = new Map<string, Intl.DateTimeFormat>();
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  formats.set(timeZone, made);
  return made;
}

function hhmm(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}
