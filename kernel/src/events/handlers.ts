/** Durable delivery of the journal to handlers: in order, at least once, each with a cursor of its own. */
import type { EventHandler, Json, JournalEvent } from '@heldar/plugin-sdk';
import { delay, type Clock } from '../clock.ts';
import { HeldarError, messageOf } from '../errors.ts';
import { newId } from '../ids.ts';
import { isInterrupted } from '../plugins/isolation/interrupted.ts';
import { recordTx, type TxOwner } from '../plugins/tx.ts';
import { backOffMs } from '../runtime/back-off.ts';
import type { Watch } from '../runtime/watchdog.ts';
import { createHandlerQueries, type JournalRow } from '../store/handler-queries.ts';
import type { ParkedRow } from '../store/parked-queries.ts';
import type { Store } from '../store/store.ts';
import type { ChangeUnit } from '../store/units.ts';

export interface HandlerSpec {
  readonly owner: TxOwner;
  readonly handler: EventHandler;
}

export interface HandlerStats {
  readonly plugin: string;
  readonly handler: string;
  /** Journal sequence up to which all has been handled. */
  readonly seq: number;
  readonly failing: { attempts: number; error: string } | null;
}

export interface EventHandlers {
  attach(spec: HandlerSpec): Promise<{ detach(): Promise<void> }>;
  /** The journal grew. */
  onJournal(head: number): void;
  stats(): HandlerStats[];
  /** Handles a parked event again, out of order. */
  retryParked(row: ParkedRow): Promise<void>;
  isQuiet(): boolean;
  /** Nothing goes on until time passes: a handler may wait for its next try. */
  isSettled(): boolean;
  stop(): Promise<void>;
}

const maxAttempts = 5;
const pageSize = 100;
const timeoutMs = 60_000;
const storeRetryMs = 1_000;
const noChange = { kind: 'change', writes: [], events: [], records: [] } as const;

export function createEventHandlers(options: {
  store: Store;
  clock: Clock;
  random: () => number;
  watch: Watch;
  onFailed(plugin: string, handler: string, error: unknown, attempts: number, parked: boolean): void;
}): EventHandlers {
  const { store } = options;
  const queries = createHandlerQueries(store.reader);
  const running = new Set<RunningHandler>();

  return {
    async attach({ owner, handler }) {
      const start = await store.write('consumers.start', {
        kind: 'handler',
        plugin: owner.plugin,
        name: handler.name,
        ordering: 'all',
        from: 'head',
      });
      const run = new RunningHandler(options, queries, owner, handler, start);
      running.add(run);
      run.wake();
      return {
        async detach() {
          running.delete(run);
          await run.stop();
        },
      };
    },
    onJournal() {
      for (const run of running) run.wake();
    },
    stats: () => [...running].map((run) => run.stats()),
    async retryParked(row) {
      const run = [...running].find(({ consumerId }) => consumerId === row.consumer_id);
      if (run === undefined) throw notRunning();
      await run.retry(row);
    },
    isQuiet: () => [...running].every((run) => run.isIdle()),
    isSettled: () => [...running].every((run) => run.isIdle() || run.isPausing()),
    async stop() {
      await Promise.all([...running].map((run) => run.stop()));
    },
  };
}

function notRunning(): HeldarError {
  return new HeldarError(
    'unavailable',
    'the handler of this event is not running; drop it, or start the plugin',
  );
}

class RunningHandler {
  readonly #options: Parameters<typeof createEventHandlers>[0];
  readonly #queries: ReturnType<typeof createHandlerQueries>;
  readonly #owner: TxOwner;
  readonly #handler: EventHandler;
  readonly #types: ReadonlySet<string> | '*';
  readonly #consumer: { consumerId: number; epoch: number };
  readonly #abort = new AbortController();
  #durable: number;
  #running: Promise<void> | null = null;
  #again = false;
  #pausing = false;
  #failing: { seq: number; attempts: number; error: unknown } | null = null;
  /** Of parked items, by id: those under way. */
  readonly #retries = new Map<string, Promise<void>>();

  constructor(
    options: Parameters<typeof createEventHandlers>[0],
    queries: ReturnType<typeof createHandlerQueries>,
    owner: TxOwner,
    handler: EventHandler,
    start: { consumerId: number; epoch: number; startSeq: number },
  ) {
    this.#options = options;
    this.#queries = queries;
    this.#owner = owner;
    this.#handler = handler;
    this.#types =
      handler.types === '*' ? '*' : new Set(handler.types.map((type) => owner.events.listened(type)));
    this.#consumer = start;
    this.#durable = queries.cursor(start.consumerId) ?? start.startSeq;
  }

  wake(): void {
    if (this.#running !== null) {
      this.#again = true;
      return;
    }
    if (this.#abort.signal.aborted) return;
    this.#running = this.#drain()
      .catch((error: unknown) => this.#storeTrouble(error))
      .finally(() => {
        this.#running = null;
        if (this.#again) {
          this.#again = false;
          this.wake();
        }
      });
  }

  get consumerId(): number {
    return this.#consumer.consumerId;
  }

  /** @throws HeldarError `conflict` while the same item is being retried, or when it is gone at the end: it would take effect twice. */
  async retry(parked: ParkedRow): Promise<void> {
    const { id } = parked;
    if (this.#abort.signal.aborted) throw notRunning();
    if (this.#retries.has(id))
      throw new HeldarError('conflict', `the parked item ${id} is being retried already`);
    const retrying = this.#retry(parked).finally(() => this.#retries.delete(id));
    this.#retries.set(id, retrying);
    await retrying;
  }

  /** Handles a parked event; its effects and the end of the parked item are one commit. A failure replaces the item's error. */
  async #retry({ id, body, attempts: before }: ParkedRow): Promise<void> {
    const { clock, store, onFailed } = this.#options;
    const none = { ...noChange, plugin: this.#owner.plugin };
    const recorder = recordTx(this.#owner, clock.now());
    try {
      await this.#call(JSON.parse(body) as JournalRow, recorder.tx);
      await store.commit({ ...(recorder.unit() ?? none), unpark: id });
    } catch (error) {
      const attempts = before + 1;
      await store.commit({ ...none, keepParked: { id, error: messageOf(error), attempts } });
      onFailed(this.#owner.plugin, this.#handler.name, error, attempts, true);
    }
  }

  isIdle(): boolean {
    return this.#running === null && this.#retries.size === 0;
  }

  /** It waits for the time of the next try. */
  isPausing(): boolean {
    return this.#pausing;
  }

  stats(): HandlerStats {
    const failing = this.#failing;
    return {
      plugin: this.#owner.plugin,
      handler: this.#handler.name,
      seq: this.#durable,
      failing: failing === null ? null : { attempts: failing.attempts, error: messageOf(failing.error) },
    };
  }

  async stop(): Promise<void> {
    this.#abort.abort(new Error('the handler is stopping'));
    await this.#running;
    // Their commits carry no epoch: none is to come behind the start of the next generation.
    await Promise.allSettled(this.#retries.values());
  }

  /** The cursor could not be moved: look again in a while. */
  #storeTrouble(error: unknown): void {
    if (this.#abort.signal.aborted) return;
    const { clock, onFailed } = this.#options;
    onFailed(this.#owner.plugin, this.#handler.name, error, 1, false);
    const cancel = clock.after(storeRetryMs, () => this.wake());
    this.#abort.signal.addEventListener('abort', cancel, { once: true });
  }

  async #drain(): Promise<void> {
    const { signal } = this.#abort;
    for (let page = this.#page(); page.length > 0 && !signal.aborted; page = this.#page()) {
      for (const row of page) {
        if (this.#wants(row)) while (!signal.aborted && !(await this.#handle(row)));
        // Also behind the last row: what was given up is not to be passed over.
        if (signal.aborted) return;
      }
      const last = page.at(-1);
      if (last !== undefined && last.seq > this.#durable) await this.#commit({ to: last.seq });
    }
  }

  #page(): JournalRow[] {
    return this.#queries.after(this.#durable, pageSize);
  }

  #wants(row: JournalRow): boolean {
    return row.seq > this.#durable && (this.#types === '*' || this.#types.has(row.event_type));
  }

  /** One try; true when the event is behind the cursor. */
  async #handle(row: JournalRow): Promise<boolean> {
    const { clock, random, onFailed } = this.#options;
    const recorder = recordTx(this.#owner, clock.now());
    try {
      await this.#call(row, recorder.tx);
      const unit = recorder.unit();
      await this.#commit({ to: row.seq, ...(unit === null ? {} : { unit }) });
      this.#failing = null;
      return true;
    } catch (error) {
      if (this.#abort.signal.aborted) return false;
      const before = this.#failing?.seq === row.seq ? this.#failing.attempts : 0;
      const attempts = isInterrupted(error) ? Math.max(1, before) : before + 1;
      this.#failing = { seq: row.seq, attempts, error };
      const park = attempts >= maxAttempts;
      onFailed(this.#owner.plugin, this.#handler.name, error, attempts, park);
      if (park) return this.#park(row, error, attempts);
      this.#pausing = true;
      await delay(clock, backOffMs(attempts, 200, 60_000, random), this.#abort.signal).catch(() => undefined);
      this.#pausing = false;
      return false;
    }
  }

  async #call(row: JournalRow, tx: ReturnType<typeof recordTx>['tx']): Promise<void> {
    const { clock, watch } = this.#options;
    const event: JournalEvent = {
      seq: row.seq,
      id: row.id,
      type: row.event_type,
      cameraId: row.camera_id,
      severity: row.severity,
      timestamp: row.at_ms,
      payload: JSON.parse(row.payload) as Json,
    };
    const leave = watch.enter(`${this.#owner.plugin}.${this.#handler.name}`);
    let running: void | Promise<void>;
    try {
      running = this.#handler.run(event as never, { signal: this.#abort.signal, tx });
    } finally {
      leave();
    }
    let cancel = () => {};
    const late = new Promise<never>((_, reject) => {
      cancel = clock.after(timeoutMs, () => reject(new Error(`did not finish within ${timeoutMs} ms`)));
    });
    await Promise.race([running, late]).finally(cancel);
  }

  async #park(row: JournalRow, error: unknown, attempts: number): Promise<boolean> {
    const park = {
      id: newId('park', this.#options.clock.now()),
      consumerId: this.#consumer.consumerId,
      seq: row.seq,
      body: JSON.stringify(row),
      error: messageOf(error),
      attempts,
    };
    await this.#commit({ to: row.seq, park });
    this.#failing = null;
    return true;
  }

  async #commit(change: {
    to: number;
    unit?: ChangeUnit;
    park?: NonNullable<ChangeUnit['park']>;
  }): Promise<void> {
    const { consumerId, epoch } = this.#consumer;
    const result = await this.#options.store.commit({
      kind: 'change',
      plugin: this.#owner.plugin,
      writes: change.unit?.writes ?? [],
      events: change.unit?.events ?? [],
      records: change.unit?.records ?? [],
      cursor: { consumerId, epoch, from: this.#durable, to: change.to },
      ...(change.park === undefined ? {} : { park: change.park }),
    });
    if ('fenced' in result) {
      this.#abort.abort(new Error('another generation took over'));
      return;
    }
    this.#durable = change.to;
  }
}
