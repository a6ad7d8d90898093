/** How many requests are under way, for how long, and when is the last one done? */
import type { ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import { HeldarError } from '../errors.ts';
import { createBag, type InBag } from '../runtime/bag.ts';

/** One request from its arrival until its answer is out or the client is gone. */
export interface Ticket {
  /** Aborted when the client hangs up, the time is up, or the kernel stops. */
  readonly signal: AbortSignal;
  /** True once the time is up: whatever the handler still brings is dropped. */
  readonly expired: boolean;
  /** The handler gets this much time from now; then `onExpiry` answers in its place. */
  limit(ms: number, onExpiry: (error: HeldarError) => void): void;
  /**
   * The answer begins: no limit any more. An open-ended one no longer holds up the end of the kernel.
   * @throws HeldarError `busy` when there are too many open-ended ones.
   */
  answering(openEnded: boolean): void;
}

export interface Traffic {
  /** Counts a request in. */
  enter(response: ServerResponse): Ticket;
  /** More requests under way than allowed. */
  readonly busy: boolean;
  readonly requests: number;
  readonly streams: number;
  /** Resolves when no request is under way (streams do not count), or after `ms`. */
  idle(ms: number): Promise<void>;
  /** Aborts whatever is under way, streams too; resolves when all of it is gone, or after `ms`. */
  end(ms: number): Promise<void>;
}

interface EntryListeners {
  /** The entry has a deadline now. */
  limited(): void;
  /** @throws HeldarError `busy` when there are too many open-ended ones. */
  openEnded(): void;
}

/** How often handlers are checked for being over time. */
const sweepMs = 250;

export function createTraffic(options: {
  clock: Clock;
  concurrentRequests: number;
  concurrentStreams: number;
}): Traffic {
  const { clock } = options;
  const entries = createBag<Entry>();
  let streams = 0;
  let waiting: (() => void)[] = [];
  let cancelSweep: (() => void) | undefined;

  const wake = () => {
    const callbacks = waiting;
    waiting = [];
    for (const callback of callbacks) callback();
  };
  const until = async (done: () => boolean, ms: number): Promise<void> => {
    const timer = { fired: false };
    const cancel = clock.after(ms, () => {
      timer.fired = true;
      wake();
    });
    while (!done() && !timer.fired) await new Promise<void>((resolve) => waiting.push(resolve));
    cancel();
  };
  const sweep = () => {
    cancelSweep = undefined;
    const now = clock.monotonic();
    for (const entry of entries.all()) if (now >= entry.deadline) entry.expire();
    if (entries.all().some((entry) => entry.deadline < Infinity)) scheduleSweep();
  };
  const scheduleSweep = () => {
    cancelSweep ??= clock.after(sweepMs, sweep);
  };
  /** Without a request there is nothing to wake up for. */
  const restWhenEmpty = () => {
    if (entries.size > 0) return;
    cancelSweep?.();
    cancelSweep = undefined;
  };

  const listeners: EntryListeners = {
    limited: scheduleSweep,
    openEnded() {
      if (streams >= options.concurrentStreams) throw new HeldarError('busy', 'too many streams at once');
      streams += 1;
      wake();
    },
  };

  return {
    enter(response) {
      const entry = new Entry(clock, response, listeners);
      entries.add(entry);
      response.once('close', () => {
        entries.remove(entry);
        restWhenEmpty();
        if (entry.openEnded) streams -= 1;
        if (!response.writableFinished) entry.abort(new HeldarError('unavailable', 'the client hung up'));
        if (waiting.length > 0) wake();
      });
      return entry;
    },
    get busy() {
      return entries.size - streams > options.concurrentRequests;
    },
    get requests() {
      return entries.size - streams;
    },
    get streams() {
      return streams;
    },
    idle: (ms) => until(() => entries.size === streams, ms),
    end(ms) {
      for (const entry of entries.all())
        entry.abort(new HeldarError('unavailable', 'the kernel is stopping'));
      return until(() => entries.size === 0, ms);
    },
  };
}

/**
 * A class, not an object with a getter: V8 gives each of the latter a hidden class of its own, which lives in the old generation and
 * keeps what the getter refers to, here a whole request, alive until the next full collection.
 */
class Entry implements Ticket, InBag {
  before: InBag | null = null;
  behind: InBag | null = null;
  openEnded = false;
  deadline = Infinity;
  expired = false;
  readonly #clock: Clock;
  readonly #response: ServerResponse;
  readonly #on: EntryListeners;
  /** Made when first asked for: most handlers never look at it. */
  #controller: AbortController | undefined;
  #aborted: HeldarError | undefined;
  #onExpiry: ((error: HeldarError) => void) | undefined;

  constructor(clock: Clock, response: ServerResponse, on: EntryListeners) {
    this.#clock = clock;
    this.#response = response;
    this.#on = on;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#aborted !== undefined) this.#controller.abort(this.#aborted);
    return this.#controller.signal;
  }

  limit(ms: number, onExpiry: (error: HeldarError) => void): void {
    this.deadline = this.#clock.monotonic() + ms;
    this.#onExpiry = onExpiry;
    this.#on.limited();
  }

  answering(openEnded: boolean): void {
    this.deadline = Infinity;
    if (!openEnded || this.openEnded || this.#response.closed) return;
    this.#on.openEnded();
    this.openEnded = true;
  }

  expire(): void {
    const error = new HeldarError('unavailable', 'the request took too long');
    this.deadline = Infinity;
    this.expired = true;
    this.abort(error);
    this.#onExpiry?.(error);
  }

  abort(reason: HeldarError): void {
    this.#aborted ??= reason;
    this.#controller?.abort(this.#aborted);
  }
}
