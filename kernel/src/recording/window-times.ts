/** How are the bounds of a recording window written, and can such a window ever be open? */

/** A weekly window on the clock on the wall of a camera. */
export interface RecordingWindow {
  /** Days on which it begins, 0 = Monday … 6 = Sunday. */
  readonly days: readonly number[];
  /** `HH:MM`, in the window. */
  readonly timeStart: string;
  /** `HH:MM`, no longer in it; before the start it means the day after. `24:00` is the end of the day. */
  readonly timeEnd: string;
}

export const minutesPerDay = 1440;

/** Minutes since midnight of `H:M`, one or two digits each, up to `24:00`; null for any other text. */
export function minutesOf(text: string): number | null {
  const [, hours, minutes] = /^(\d{1,2}):(\d{1,2})$/.exec(text.trim()) ?? [];
  const total = Number(hours) * 60 + Number(minutes);
  return Number(minutes) < 60 && total <= minutesPerDay ? total : null;
}

/** `9:5` becomes `09:05`. */
export function paddedTime(text: string): string {
  const [hours = '', minutes = ''] = text.trim().split(':');
  return `${hours.padStart(2, '0')}:${minutes.padStart(2, '0')}`;
}

/** What is wrong with a window, with the name of the member, or null. */
export function problemWithWindow({ days, timeStart, timeEnd }: RecordingWindow): string | null {
  if (days.length === 0) return 'days: name at least one day, 0 = Monday to 6 = Sunday';
  if (days.some((day) => day < 0 || day > 6)) return 'days: must be 0 (Monday) to 6 (Sunday)';
  const start = minutesOf(timeStart);
  const end = minutesOf(timeEnd);
  if (start === null || start === minutesPerDay) return 'time_start: must be a time of day, 00:00 to 23:59';
  if (end === null) return 'time_end: must be a time of day, 00:00 to 24:00';
  if (start === end)
    return 'time_end: equals time_start, so the window would never be open; for a whole day give 00:00 and 24:00';
  return null;
}
