/** When is something that keeps failing tried again? The attempt itself is somebody else's file. */
import { delay, type Clock } from '../clock.ts';
import { backOffMs } from './back-off.ts';

/** How one attempt ended. */
export interface AttemptEnd {
  /**
   * `answers`: the other side is there, try again within a second. `silent`: it is not, or refuses for good; wait longer each
   * time. A number: wait that many ms. `done`: never again.
   */
  readonly next: 'answers' | 'silent' | 'done' | number;
  /** It did its work for a while: what failed before no longer counts. */
  readonly healthy: boolean;
  /** Asked every second of the wait: the other side is there again, so that it need not be waited for any longer. */
  readonly isBack?: () => Promise<boolean>;
}

export interface Supervision {
  readonly attempt: (signal: AbortSignal) => Promise<AttemptEnd>;
  readonly clock: Clock;
  /** 0..1. */
  readonly random: () => number;
  readonly signal: AbortSignal;
}

/** Attempts again and again until one is done or the signal is aborted; never rejects but for a fault of the attempt itself. */
export async function supervise({ attempt, clock, random, signal }: Supervision): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    const end = await attempt(signal);
    if (end.next === 'done' || signal.aborted) return;
    failures = end.healthy ? 0 : failures + 1;
    try {
      await pause(clock, retryDelayMs(end.next, failures, random()), signal, end.isBack);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
  }
}

async function pause(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  isBack?: () => Promise<boolean>,
): Promise<void> {
  if (isBack === undefined) return await delay(clock, ms, signal);
  const end = clock.monotonic() + ms;
  for (let restMs = ms; restMs > 0; restMs = end - clock.monotonic()) {
    await delay(clock, Math.min(restMs, soonMs), signal);
    if (await isBack()) return;
  }
}

const soonMs = 1000;
const longestMs = 30_000;

/**
 * How long to wait after `failures` attempts in a row without a healthy one. Jitter takes up to half away, so that many
 * cameras behind one switch do not come back in the same instant.
 */
export function retryDelayMs(next: 'answers' | 'silent' | number, failures: number, random: number): number {
  if (typeof next === 'number') return next;
  if (failures === 0) return 100 + 150 * random;
  return backOffMs(failures, soonMs, next === 'answers' ? soonMs : longestMs, () => random);
}
