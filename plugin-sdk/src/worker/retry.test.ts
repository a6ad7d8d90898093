import { describe, expect, it } from 'vitest';
import type { Attempt } from './request.ts';
import { retryAfterMs, retryDelayMs } from './retry.ts';

function answer(status: number, retryAfter?: string): Attempt {
  const headers = new Headers(retryAfter === undefined ? {} : { 'retry-after': retryAfter });
  return { kind: 'answer', status, headers, body: new Uint8Array() };
}

describe('the wait before a retry', () => {
  it('doubles from half a second up to fifteen', () => {
    expect([1, 2, 3, 4, 5, 6, 40].map((retry) => retryDelayMs(retry, 0, 0))).toEqual([
      500, 1000, 2000, 4000, 8000, 15_000, 15_000,
    ]);
  });

  it('is up to a quarter longer by chance', () => {
    expect(retryDelayMs(2, 1, 0)).toBe(1250);
    expect(retryDelayMs(2, 0.5, 0)).toBe(1125);
  });

  it('is at least what the server wishes, up to a minute', () => {
    expect(retryDelayMs(1, 0, 3000)).toBe(3000);
    expect(retryDelayMs(5, 0, 3000)).toBe(8000);
    expect(retryDelayMs(1, 0, 86_400_000)).toBe(60_000);
  });
});

describe('the wish of a server', () => {
  const now = Date.UTC(2026, 5, 13, 8, 15, 30);

  it('is read from a 503 as seconds or as a date', () => {
    expect(retryAfterMs(answer(503, '4'), now)).toBe(4000);
    expect(retryAfterMs(answer(503, 'Sat, 13 Jun 2026 08:15:37 GMT'), now)).toBe(7000);
  });

  it('counts for nothing when it is past, unreadable, or of another answer', () => {
    expect(retryAfterMs(answer(503, 'Sat, 13 Jun 2026 08:15:00 GMT'), now)).toBe(0);
    expect(retryAfterMs(answer(503, 'soon'), now)).toBe(0);
    expect(retryAfterMs(answer(503), now)).toBe(0);
    expect(retryAfterMs(answer(500, '4'), now)).toBe(0);
    expect(retryAfterMs({ kind: 'failed', reason: 'reset' }, now)).toBe(0);
  });
});
