/** Can the journal tell when an event happened? */
import { HeldarError } from '../errors.ts';

/** The years 0000 to 9999: beyond them a time has no text, and the page that holds the event could not be shown. */
const firstMs = -62_167_219_200_000;
const lastMs = 253_402_300_799_999;

/** Whole milliseconds since the epoch. @throws HeldarError `effect_refused`. */
export function eventTime(ms: number, emitter: string): number {
  const whole = Math.trunc(ms);
  if (whole >= firstMs && whole <= lastMs) return whole;
  throw new HeldarError(
    'effect_refused',
    `${emitter}: an event's timestamp is in ms since the epoch, within the years 0 to 9999; got ${ms}`,
  );
}
