/** How long to wait before the next try: doubling, capped, with full jitter in its upper half. */

/** `attempt` counts from 1. Between half and all of `baseMs * 2^(attempt-1)`, at most `maxMs`. */
export function backOffMs(attempt: number, baseMs: number, maxMs: number, random: () => number): number {
  const full = Math.min(maxMs, baseMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(full / 2 + (random() * full) / 2);
}
