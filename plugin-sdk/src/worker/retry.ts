/** When is a request repeated, and after how long? */
import { delay } from './clock.ts';
import type { WorkerClock } from './clock.ts';
import { statusReason } from './request.ts';
import type { Attempt, Request, Send } from './request.ts';

const MAX_RETRIES = 5;
const MAX_RETRY_AFTER_MS = 60_000;

export interface RetryClock {
  readonly clock: WorkerClock;
  readonly random: () => number;
}

/** Connection errors, time-outs and 5xx are repeated up to five times; every other answer is the answer. */
export async function sendWithRetries(
  send: Send,
  request: Request,
  { clock, random }: RetryClock,
  signal: AbortSignal,
): Promise<Attempt> {
  for (let retry = 1; ; retry += 1) {
    const attempt = await send(request, signal);
    if (!isWorthRepeating(attempt)) return attempt;
    if (retry > MAX_RETRIES) return { kind: 'failed', reason: lastReason(attempt) };
    await delay(clock, retryDelayMs(retry, random(), retryAfterMs(attempt, clock.now())), signal);
  }
}

/** `retry` counts from 1; `random` is 0..1; the server's own wish, if any, is the least. */
export function retryDelayMs(retry: number, random: number, wishedMs: number): number {
  const backOffMs = Math.min(15_000, 500 * 2 ** (retry - 1)) * (1 + 0.25 * random);
  return Math.max(backOffMs, Math.min(wishedMs, MAX_RETRY_AFTER_MS));
}

/** What a 503 says in `Retry-After`, seconds or a date; 0 when it says nothing. */
export function retryAfterMs(attempt: Attempt, now: number): number {
  if (attempt.kind !== 'answer' || attempt.status !== 503) return 0;
  const text = attempt.headers.get('retry-after')?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}

function isWorthRepeating(attempt: Attempt): boolean {
  return attempt.kind === 'failed' || (attempt.kind === 'answer' && attempt.status >= 500);
}

function lastReason(attempt: Attempt): string {
  const reason = attempt.kind === 'answer' ? statusReason(attempt) : attempt.reason;
  return `${reason}, given up after ${MAX_RETRIES} retries`;
}
