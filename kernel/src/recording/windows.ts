/** Is a recording window open, and when does that change next? A window means what the clock on the wall shows. */
import { Temporal } from 'temporal-polyfill';
import { minutesOf, minutesPerDay, type RecordingWindow } from './window-times.ts';

export interface WindowState {
  readonly isOpen: boolean;
  /** ms since the epoch; null: not while the windows stay as they are. */
  readonly changesAt: number | null;
}

/** A week, and the day that a clock set back or forward may add. */
const lookAheadDays = 8;

/**
 * At any instant the windows are open or not by the wall clock of the zone alone. So a clock that is set leaves nothing out and counts
 * nothing double: of an hour that is missing nothing can be recorded, an hour that comes twice is recorded twice.
 */
export function windowState(windows: readonly RecordingWindow[], timeZone: string, now: number): WindowState {
  const bounds = windows.flatMap(boundsOf);
  const at = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone);
  const isOpen = isOpenAt(bounds, at);
  const change = changesAfter(bounds, at).find(
    (instant) => isOpenAt(bounds, zonedTime(instant, timeZone)) !== isOpen,
  );
  return { isOpen, changesAt: change ?? null };
}

interface Bounds {
  readonly days: ReadonlySet<number>;
  /** Minutes since midnight. */
  readonly start: number;
  readonly end: number;
}

/** A window that can't be read is never open. */
function boundsOf({ days, timeStart, timeEnd }: RecordingWindow): Bounds[] {
  const start = minutesOf(timeStart);
  const end = minutesOf(timeEnd);
  return start === null || end === null || start === end ? [] : [{ days: new Set(days), start, end }];
}

function isOpenAt(windows: readonly Bounds[], at: Temporal.ZonedDateTime): boolean {
  const day = at.dayOfWeek - 1;
  const dayBefore = (day + 6) % 7;
  const minute = at.hour * 60 + at.minute;
  return windows.some(({ days, start, end }) =>
    start < end
      ? days.has(day) && minute >= start && minute < end
      : (days.has(day) && minute >= start) || (days.has(dayBefore) && minute < end),
  );
}

/** All instants soon after `at` at which a window can open or close, ascending: where the wall shows a bound, and where it is set. */
function changesAfter(windows: readonly Bounds[], at: Temporal.ZonedDateTime): number[] {
  const minutes = new Set(windows.flatMap(({ start, end }) => [start, end % minutesPerDay, 0]));
  const found = new Set<number>();
  for (let days = -1; days <= lookAheadDays; days += 1) {
    const date = at.toPlainDate().add({ days });
    for (const minute of minutes) {
      const wall = date.toPlainDateTime({ hour: Math.floor(minute / 60), minute: minute % 60 });
      for (const disambiguation of ['earlier', 'later'] as const)
        found.add(wall.toZonedDateTime(at.timeZoneId, { disambiguation }).epochMilliseconds);
    }
  }
  const last = at.add({ days: lookAheadDays }).epochMilliseconds;
  for (
    let set = at.getTimeZoneTransition('next');
    set !== null && set.epochMilliseconds <= last;
    set = set.getTimeZoneTransition('next')
  )
    found.add(set.epochMilliseconds);
  return [...found].filter((instant) => instant > at.epochMilliseconds).sort((a, b) => a - b);
}

function zonedTime(instant: number, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(timeZone);
}
