/** When a lane's ticks fall: T runs over the multiples of the interval since the epoch, in log time. */
import { HeldarError } from '../errors.ts';

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `'500ms'`, `'10s'`, `'5m'`, `'1h'`, `'1d'` in ms. @throws HeldarError `plugin_invalid`. */
export function parseInterval(text: string, what: string): number {
  const match = /^([0-9]+)(ms|s|m|h|d)$/.exec(text);
  const value = match === null ? 0 : Number(match[1]) * units[match[2] as keyof typeof units];
  if (value < 10)
    throw new HeldarError(
      'plugin_invalid',
      `${what}: '${text}' is not an interval; write a whole number with a unit, at least '10ms', e.g. '10s', '5m', '1h'`,
    );
  return value;
}

/** The first T behind `tick`. */
export function tickAfter(tick: number, everyMs: number): number {
  return (Math.floor(tick / everyMs) + 1) * everyMs;
}

/** The last T before `time`: a record received at T itself comes before the tick at T. */
export function lastTickBefore(time: number, everyMs: number): number {
  return (Math.ceil(time / everyMs) - 1) * everyMs;
}
