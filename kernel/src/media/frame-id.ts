/** Which sampled frame does a worker's frame id name? */
import { parseRfc3339 } from '@heldar/plugin-sdk';

/**
 * The capture time in `<task id>:<x-frame-captured-at>`, ms since the epoch; undefined for an id of another form.
 * @example capturedAtOf('ai_0f:2026-01-31T12:00:00.250+00:00') // 1769860800250
 */
export function capturedAtOf(frameId: string): number | undefined {
  const text = /^[^:]*:(.+)$/.exec(frameId)?.[1];
  return text === undefined ? undefined : parseRfc3339(text)?.ms;
}

/** The change token of a frame: RFC 3339 with `+00:00`, and milliseconds unless they are zero. */
export function capturedAtText(ms: number): string {
  return new Date(ms).toISOString().replace(/(?:\.000)?Z$/, '+00:00');
}
