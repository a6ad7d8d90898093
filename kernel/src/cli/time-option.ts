/** Which moment does an option such as `--from` name? */
import { parseRfc3339 } from '@heldar/plugin-sdk';
import { parseInterval } from '../detections/ticks.ts';
import { HeldarError } from '../errors.ts';

/**
 * `2026-01-31T12:00:00Z`, or `5m`: so long before `now`. ms since the epoch; null when the option is absent.
 * @throws HeldarError `usage`.
 */
export function readTime(option: string, text: string | undefined, now: number): number | null {
  if (text === undefined) return null;
  const instant = parseRfc3339(text);
  if (instant !== undefined) return instant.ms;
  if (/^[0-9]+(?:ms|s|m|h|d)$/.test(text)) return now - parseInterval(text, option);
  throw new HeldarError(
    'usage',
    `${option} '${text}': expected RFC 3339 such as 2026-01-31T12:00:00Z, or how long before now such as 5m`,
  );
}

/** `5m`: ms. @throws HeldarError `usage`. */
export function readDuration(option: string, text: string): number {
  if (/^[0-9]+(?:ms|s|m|h|d)$/.test(text)) return parseInterval(text, option);
  throw new HeldarError('usage', `${option} '${text}': expected a time such as 30s, 5m or 1h`);
}
