/** How instants are read from and written to text: RFC 3339, strict on the way in, one form on the way out. */

/** A point in time: ms since the epoch, and the nanoseconds within that millisecond (0..999999). */
export interface Instant {
  readonly ms: number;
  readonly ns: number;
}

const pattern =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** 0000-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z: what four digits of a year can say. */
const firstMs = -62_167_219_200_000;
const lastMs = 253_402_300_799_999;

/**
 * Reads `2026-01-31T12:00:00.25+02:00`. Seconds and offset are mandatory; `T`, `t` or one space separates date and
 * time; blanks around the text are ignored; digits past nanoseconds are dropped. A leap second (23:59:60 UTC) is
 * the second after it. Answers undefined for anything else.
 */
export function parseRfc3339(text: string): Instant | undefined {
  const match = pattern.exec(text.trim());
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const offsetMs = readOffset(match[8], match[9], match[10]);
  const midnightMs = readDate(year, month, day);
  if (offsetMs === undefined || midnightMs === undefined) return undefined;
  if (hour > 23 || minute > 59 || second > 60) return undefined;

  const minuteStartMs = midnightMs + (hour * 60 + minute) * minuteMs - offsetMs;
  if (second === 60 && !isLastMinuteOfDay(minuteStartMs)) return undefined;

  const fraction = (match[7] ?? '').slice(0, 9).padEnd(9, '0');
  const ms = minuteStartMs + second * 1000 + Number(fraction.slice(0, 3));
  return ms < firstMs || ms > lastMs ? undefined : { ms, ns: Number(fraction.slice(3)) };
}

/** Writes `2026-01-31T10:00:00Z`, with 3, 6 or 9 digits of a second when fewer would lose something. */
export function formatRfc3339(ms: number, ns = 0): string {
  if (!Number.isInteger(ms) || ms < firstMs || ms > lastMs) throw new RangeError(`no time: ${ms} ms`);
  if (!Number.isInteger(ns) || ns < 0 || ns > 999_999)
    throw new RangeError(`no part of a millisecond: ${ns} ns`);
  const text = new Date(ms).toISOString();
  const seconds = text.slice(0, 19);
  const millis = text.slice(20, 23);
  if (ns === 0) return millis === '000' ? `${seconds}Z` : `${seconds}.${millis}Z`;
  const nanos = String(ns).padStart(6, '0');
  return `${seconds}.${millis}${nanos.endsWith('000') ? nanos.slice(0, 3) : nanos}Z`;
}

/** `setUTCFullYear`, because `Date.UTC` takes the years 0..99 for 1900..1999. */
function readDate(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return exists ? date.getTime() : undefined;
}

function readOffset(sign: string | undefined, hours = '00', minutes = '00'): number | undefined {
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined;
  const sizeMs = (Number(hours) * 60 + Number(minutes)) * minuteMs;
  return sign === '-' ? -sizeMs : sizeMs;
}

function isLastMinuteOfDay(ms: number): boolean {
  return (((ms + minuteMs) % dayMs) + dayMs) % dayMs === 0;
}
