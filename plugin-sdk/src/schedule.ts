/** When something happens again, as text that the compiler checks. */

/** `'500ms'`, `'10s'`, `'5m'`, `'1h'`, `'1d'`. */
export type Interval = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

/** Five fields, or six with seconds first: `'30 3 * * *'`. */
type CronPattern = `${string} ${string} ${string} ${string} ${string}`;
type LocalTime = `${number}-${number}-${number}T${string}`;

/** An interval, a cron pattern or a single time, in the site's time zone. */
export type Schedule = Interval | CronPattern | LocalTime;

/** A text that is known when compiling must be a schedule; any other is checked when the plugin starts. */
export type CheckedSchedule<Text extends string> = Text extends Schedule
  ? Text
  : string extends Text
    ? Text
    : Schedule;
