/** Is every RFC 3339 form read to the right instant, everything else refused, and the output exact and shortest? */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatRfc3339, parseRfc3339 } from './time.ts';

const two = (value: number) => String(value).padStart(2, '0');
const noon = Date.UTC(2026, 0, 31, 12);

test.for([
  ['2026-01-31T12:00:00Z', noon, 0],
  ['2026-01-31t12:00:00z', noon, 0],
  ['2026-01-31 12:00:00Z', noon, 0],
  ['  2026-01-31T12:00:00Z\t', noon, 0],
  ['2026-01-31T12:00:00-00:00', noon, 0],
  ['2026-01-31T14:30:00+02:30', noon, 0],
  ['2026-01-31T00:00:00-12:00', noon, 0],
  ['2026-01-31T12:00:00.2Z', noon + 200, 0],
  ['2026-01-31T12:00:00.123456Z', noon + 123, 456_000],
  ['2026-01-31T12:00:00.123456789Z', noon + 123, 456_789],
  ['2026-01-31T12:00:00.1234567899Z', noon + 123, 456_789],
  ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29), 0],
  ['0001-01-01T00:00:00Z', -62_135_596_800_000, 0],
  ['1969-12-31T23:59:59.999Z', -1, 0],
  ['2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1), 0],
  ['2016-12-31T23:59:60.5Z', Date.UTC(2017, 0, 1) + 500, 0],
  ['2016-12-31T15:59:60-08:00', Date.UTC(2017, 0, 1), 0],
] as const)('%s is read', ([text, ms, ns]) => {
  expect(parseRfc3339(text)).toEqual({ ms, ns });
});

test.for([
  '',
  ' ',
  'now',
  '2026-01-31',
  '2026-01-31T12:00Z',
  '2026-01-31T12:00:00',
  '2026-01-31T12:00:00 02:00',
  '2026-01-31  12:00:00Z',
  '2026-01-31_12:00:00Z',
  '2026-01-31T12:00:00+0200',
  '2026-01-31T12:00:00+02',
  '2026-01-31T12:00:00+24:00',
  '2026-01-31T12:00:00+02:60',
  '2026-01-31T12:00:00.Z',
  '2026-01-31T12:00:00,5Z',
  '2026-01-31T24:00:00Z',
  '2026-01-31T12:60:00Z',
  '2026-01-31T12:00:61Z',
  '2026-01-31T12:00:60Z',
  '2026-01-31T23:59:60+02:00',
  '2026-02-30T00:00:00Z',
  '2025-02-29T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-00-01T00:00:00Z',
  '2026-01-00T00:00:00Z',
  '9999-12-31T23:59:59-01:00',
  '+12026-01-31T12:00:00Z',
  '1769860800',
])('"%s" is refused', (text) => {
  expect(parseRfc3339(text)).toBeUndefined();
});

test('the output has the fewest of 0, 3, 6 or 9 digits that lose nothing', () => {
  expect(formatRfc3339(noon)).toBe('2026-01-31T12:00:00Z');
  expect(formatRfc3339(noon + 5)).toBe('2026-01-31T12:00:00.005Z');
  expect(formatRfc3339(noon + 5, 4_000)).toBe('2026-01-31T12:00:00.005004Z');
  expect(formatRfc3339(noon, 1)).toBe('2026-01-31T12:00:00.000000001Z');
  expect(formatRfc3339(-1)).toBe('1969-12-31T23:59:59.999Z');
});

test('what is no instant is not written', () => {
  for (const [ms, ns] of [
    [Number.NaN, 0],
    [0.5, 0],
    [253_402_300_800_000, 0],
    [0, -1],
    [0, 1_000_000],
  ] as const) {
    expect(() => formatRfc3339(ms, ns)).toThrow(RangeError);
  }
});

test('reading what was written gives the same instant', () => {
  const millis = fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 });
  fc.assert(
    fc.property(millis, fc.integer({ min: 0, max: 999_999 }), (ms, ns) => {
      expect(parseRfc3339(formatRfc3339(ms, ns))).toEqual({ ms, ns });
    }),
  );
});

test('an offset moves the instant by exactly that much', () => {
  const minutes = fc.integer({ min: -(23 * 60 + 59), max: 23 * 60 + 59 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_800 }), minutes, (second, offset) => {
      const local = formatRfc3339(second * 1000).slice(0, -1);
      const size = Math.abs(offset);
      const text = `${local}${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
      const expected = second * 1000 - offset * 60_000;
      expect(parseRfc3339(text)).toEqual({ ms: expected, ns: 0 });
    }),
  );
});
