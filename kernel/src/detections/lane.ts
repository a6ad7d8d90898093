/** One lane of one consumer: takes records in order, runs ticks between them, and has the effects of each committed exactly once. */
import { delay, type Clock } from '../clock.ts';
import { HeldarError, messageOf } from '../errors.ts';
import { newId } from '../ids.ts';
import { isInterrupted } from '../plugins/isolation/interrupted.ts';
import { backOffMs } from '../runtime/back-off.ts';
import type { LogQueries, LogRow } from '../store/log-queries.ts';
import type { LaneResult, LaneStep, LaneUnit, NewEvidence, StepCause } from '../store/units.ts';
import {
  runOnRecord,
  runOnTick,
  type ActiveConsumer,
  type Outcome,
  type RunContext,
} from './consumer-run.ts';
import { createLaneCommits, type LaneCommits, type LaneEffects } from './lane-commits.ts';
import { isWork, nextTickOf, positionBehind, tickComesFirst, type LanePosition } from './lane-order.ts';
import { createLaneState } from './lane-state.ts';
import { parseLogRow, type LogRecord } from './record.ts';

/** What a lane needs from the dispatcher. */
export interface LaneHost {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: LogQueries;
  readonly evidence: EvidenceKeeper;
  contextOf(consumer: ActiveConsumer, lane: number, settled: () => Promise<void>): RunContext;
  commit(unit: LaneUnit): Promise<LaneResult>;
  /** How long the lanes of this plugin rest between two calls, ms. */
  paceOf(plugin: string): number;
  /** Log time, ms. */
  now(): number;
  /** No record received at or before `time` can follow; true when all of them are durable. */
  passTime(time: number): boolean;
  onApplied(consumer: ActiveConsumer, received: number): void;
  onFailed(consumer: ActiveConsumer, failure: LaneFailure): void;
  onEnded(consumer: ActiveConsumer, lane: number, reason: 'camera deleted' | 'fenced'): void;
}

/** Stills: held while their effects are uncommitted, written once they are. */
export interface EvidenceKeeper {
  pin(still: NewEvidence): void;
  keep(files: readonly string[]): void;
  drop(files: readonly string[]): void;
}

export interface LaneFailure {
  readonly lane: number;
  /** The record or tick. */
  readonly work: string;
  readonly error: unknown;
  readonly attempts: number;
  readonly parked: boolean;
}

export interface ParkedItem {
  readonly id: string;
  readonly kind: 'record' | 'tick';
  /** Sequence of the record, or T. */
  readonly seq: number;
  readonly row: LogRow | null;
  /** So far. */
  readonly attempts: number;
}

type Work =
  | { readonly kind: 'record'; readonly record: LogRecord; readonly parkedId?: string }
  | { readonly kind: 'tick'; readonly at: number; readonly parkedId?: string };

export const maxAttempts = 5;
/** Records kept in memory for a lane; more are read from the database when their turn comes. */
const inboxLimit = 512;
const pageSize = 128;
/** Effects of this many calls may wait for a commit before the lane waits for it. */
const uncommittedLimit = 256;
/** Calls before other work of the event loop gets its turn. */
const callsPerTurn = 16;

export class Lane {
  readonly id: number;
  readonly #host: LaneHost;
  readonly #consumer: ActiveConsumer;
  readonly #cameraId: string | null;
  readonly #context: RunContext;
  readonly #commits: LaneCommits;
  readonly #abort = new AbortController();
  #at: LanePosition = { seq: 0, tick: 0, ended: false };
  #state = createLaneState(new Map());
  #inbox: LogRecord[] = [];
  /** The log may hold records of this lane that the inbox does not. */
  #behind = true;
  #running: Promise<void> | null = null;
  /** What failed last; it runs alone, after a pause, until it is durable or parked. */
  #failing: { key: string; attempts: number; error: unknown } | null = null;
  /** Tries since the store last took a commit. */
  #storeFailures = 0;
  /** Rises when the lane goes back to what is durable; what was running then is void. */
  #generation = 0;
  #retries: ParkedItem[] = [];
  /** The one that runs; it runs alone. */
  #retried: ParkedItem | null = null;
  /** It waits for the time of the next try. */
  #pausing = false;

  constructor(host: LaneHost, consumer: ActiveConsumer, id: number) {
    this.id = id;
    this.#host = host;
    this.#consumer = consumer;
    this.#cameraId = id === 0 ? null : (host.log.cameraOf(id) ?? null);
    this.#context = host.contextOf(consumer, id, () => this.#commits.settled());
    const row = host.log.lane(consumer.id, id);
    const dropStills = (effects: readonly LaneEffects[]) =>
      host.evidence.drop(effects.flatMap(({ step }) => step.evidence.map(({ file }) => file)));
    this.#commits = createLaneCommits({
      unit: {
        kind: 'lane',
        plugin: consumer.plugin,
        consumerId: consumer.id,
        lane: id,
        epoch: consumer.epoch,
      },
      durable: { seq: row?.seq ?? consumer.startSeq, tick: row?.tick ?? 0 },
      commit: (unit) => host.commit(unit),
      outcomes: {
        applied: (effects) => {
          this.#storeFailures = 0;
          for (const { step, received, key } of effects) {
            if (this.#failing?.key === key) this.#failing = null;
            host.evidence.keep(step.evidence.map(({ file }) => file));
            host.onApplied(consumer, received);
          }
          if (this.#at.ended && this.#commits.length === 0) host.onEnded(consumer, id, 'camera deleted');
        },
        dropped: (effects, reason) => {
          dropStills(effects);
          const retried = effects[0]?.step.unpark === undefined ? null : this.#retried;
          if ('storeError' in reason) this.#storeFailures += 1;
          else if (retried === null) this.#noteFailure(effects[0]?.key ?? '', reason.error);
          this.#goBack();
          if (retried !== null && 'error' in reason) this.#keepParked(retried, reason.error);
        },
        fenced: (effects) => {
          dropStills(effects);
          this.#abort.abort(new Error('another generation took over'));
          host.onEnded(consumer, id, 'fenced');
        },
        givenUp: dropStills,
      },
    });
    this.#goBack();
  }

  /** A record of this lane became durable. */
  offer(record: LogRecord): void {
    if (this.#at.ended) return;
    if (!this.#behind) {
      if (this.#inbox.length < inboxLimit) this.#inbox.push(record);
      else this.#behind = true;
    }
    this.wake();
  }

  /** Looks for work: records, due ticks, parked items to run again. */
  wake(): void {
    if (this.#running !== null || this.#abort.signal.aborted || !this.#hasWork()) return;
    this.#running = this.#run().finally(() => {
      this.#running = null;
      setImmediate(() => this.wake());
    });
  }

  /** @throws HeldarError `conflict` while the same item waits or runs: it would take effect twice. */
  retry(item: ParkedItem): void {
    if ([this.#retried, ...this.#retries].some((other) => other?.id === item.id))
      throw new HeldarError('conflict', `the parked item ${item.id} is being retried already`);
    this.#retries.push(item);
    this.wake();
  }

  /** When the next tick is due; null: none. */
  nextTick(): number | null {
    return nextTickOf(this.#consumer, this.#at, this.#state.size);
  }

  /** Makes the cursor durable up to `seq` when nothing of the lane is left to do before it. */
  advanceTo(seq: number): void {
    if (!this.isQuiet() || seq <= this.#commits.durable.seq || seq < this.#at.seq) return;
    this.#at = { ...this.#at, seq };
    this.#add(noEffects, 'advance', this.#host.now());
  }

  /** Nothing to do, nothing uncommitted; ticks that are not due do not count. */
  isQuiet(): boolean {
    return this.#running === null && this.#commits.length === 0 && !this.#hasWork();
  }

  /** Nothing goes on until time passes. */
  isSettled(): boolean {
    return this.#pausing || this.isQuiet();
  }

  stats(): {
    waiting: number;
    behind: boolean;
    seq: number;
    failing: { attempts: number; error: string } | null;
  } {
    const failing = this.#failing;
    return {
      waiting: this.#inbox.length + this.#commits.length,
      behind: this.#behind,
      seq: this.#commits.durable.seq,
      failing: failing === null ? null : { attempts: failing.attempts, error: messageOf(failing.error) },
    };
  }

  /** Ends after the running call; what is not durable then is dropped, and runs in the next generation. */
  async stop(): Promise<void> {
    this.#abort.abort(new Error('the consumer is stopping'));
    await this.#running;
    await this.#commits.stop();
  }

  #hasWork(): boolean {
    if (this.#at.ended) return false;
    if (this.#inbox.length > 0 || this.#behind || this.#retries.length > 0) return true;
    return this.#tickIsDue();
  }

  #tickIsDue(): boolean {
    const due = this.nextTick();
    return due !== null && due < this.#host.now() && this.#host.passTime(due);
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    for (let calls = 1; !signal.aborted && !this.#at.ended; calls += 1) {
      if (this.#storeFailures > 0) await this.#pause(this.#storeFailures);
      const restMs = this.#host.paceOf(this.#consumer.plugin);
      if (restMs > 0) await this.#rest(restMs);
      if (signal.aborted) break;
      const work = this.#next();
      if (work === null) break;
      const attempt = this.#attempt(work);
      if (attempt !== undefined) await attempt;
      if (this.#commits.length >= uncommittedLimit) await this.#commits.settled();
      else if (calls % callsPerTurn === 0) {
        this.#commits.flush();
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    this.#commits.flush();
  }

  /** The next thing to run, in log order. Records nobody wants are passed over. */
  #next(): Work | null {
    do {
      this.#retried = this.#retries.shift() ?? null;
      const again = this.#retried === null ? null : parkedWork(this.#retried);
      if (again !== null) return again;
    } while (this.#retried !== null);
    for (;;) {
      if (this.#inbox.length === 0 && this.#behind) this.#refill();
      const record = this.#inbox[0];
      if (record === undefined) {
        if (this.#behind) continue;
        const due = this.#tickIsDue() ? this.nextTick() : null;
        return due === null ? null : { kind: 'tick', at: due };
      }
      if (record.seq <= this.#at.seq) {
        this.#inbox.shift();
        continue;
      }
      const due = this.nextTick();
      if (tickComesFirst(due, record)) return { kind: 'tick', at: due };
      if (isWork(this.#consumer, this.id, record)) return { kind: 'record', record };
      this.#moveBehind(record);
    }
  }

  #refill(): void {
    const rows = this.#host.log.next(this.id, this.#at.seq, pageSize);
    this.#behind = rows.length === pageSize;
    for (const row of rows) {
      const record = parseLogRow(row);
      if (record !== null) this.#inbox.push(record);
      else if (this.#inbox.length === 0) this.#at = { ...this.#at, seq: row.seq };
    }
  }

  /** Runs one piece of work; its effects wait for the commit, its failure for another try. Synchronous when the consumer is and all goes well. */
  #attempt(work: Work): Promise<void> | undefined {
    if (work.parkedId === undefined && this.#failing?.key !== keyOf(work)) {
      const outcome = this.#call(work);
      if (!(outcome instanceof Promise)) return this.#take(work, outcome);
      const generation = this.#generation;
      return outcome.then((result) =>
        generation === this.#generation ? this.#take(work, result) : undefined,
      );
    }
    return this.#attemptAlone(work);
  }

  async #attemptAlone(work: Work): Promise<void> {
    const generation = this.#generation;
    await this.#commits.settled();
    if (this.#abort.signal.aborted) return;
    // What the store refused meanwhile stands in front of it; its own turn comes again.
    if (generation !== this.#generation) {
      if (this.#retried !== null) this.#retries.unshift(this.#retried);
      return;
    }
    const failing = this.#failing;
    if (failing?.key === keyOf(work)) {
      if (failing.attempts >= maxAttempts) return this.#park(work, failing);
      await this.#pause(failing.attempts);
    }
    if (this.#abort.signal.aborted) return;
    const outcome = await this.#call(work);
    if (generation !== this.#generation || this.#abort.signal.aborted) return;
    this.#take(work, outcome);
    await this.#commits.settled();
  }

  #call(work: Work): Outcome | Promise<Outcome> {
    if (work.kind === 'tick')
      return runOnTick(this.#context, this.#consumer, work.at, this.#cameraId, this.#state);
    return runOnRecord(this.#context, this.#consumer, work.record, this.#state);
  }

  #take(work: Work, outcome: Outcome): undefined {
    if (this.#abort.signal.aborted) return undefined;
    if ('error' in outcome) {
      if (this.#retried === null) this.#noteFailure(keyOf(work), outcome.error);
      else this.#keepParked(this.#retried, outcome.error);
      return undefined;
    }
    const { effects } = outcome;
    effects.keep();
    if (work.parkedId === undefined) this.#moveBehind(work.kind === 'tick' ? work.at : work.record);
    else if (this.#failing?.key === keyOf(work)) this.#failing = null;
    if (effects.isEmpty() && !this.#at.ended && work.parkedId === undefined) {
      if (this.#failing?.key === keyOf(work)) this.#failing = null;
      return undefined;
    }
    for (const still of effects.step.evidence) this.#host.evidence.pin(still);
    const extra =
      work.parkedId === undefined
        ? this.#at.ended
          ? { dropLane: true as const }
          : {}
        : { unpark: work.parkedId };
    this.#add({ ...effects.step, ...extra, cause: causeOf(work) }, keyOf(work), timeOf(work));
    return undefined;
  }

  #moveBehind(done: LogRecord | number): void {
    if (typeof done !== 'number' && this.#inbox[0]?.seq === done.seq) this.#inbox.shift();
    this.#at = positionBehind(this.#consumer, this.id, this.#at, done);
  }

  #add(step: Omit<LaneStep, 'seq' | 'tick'>, key: string, received: number): void {
    this.#commits.add({ step: { ...step, seq: this.#at.seq, tick: this.#at.tick }, key, received });
  }

  #noteFailure(key: string, error: unknown): void {
    const before = this.#failing?.key === key ? this.#failing.attempts : 0;
    const attempts = isInterrupted(error) ? Math.max(1, before) : before + 1;
    this.#failing = { key, attempts, error };
    this.#host.onFailed(this.#consumer, {
      lane: this.id,
      work: key,
      error,
      attempts,
      parked: attempts >= maxAttempts,
    });
  }

  /** Keeps what can't be processed, with its error, and goes on behind it. */
  #park(work: Work, failing: { error: unknown; attempts: number }): void {
    const at = work.kind === 'tick' ? work.at : work.record.seq;
    const row = work.kind === 'tick' ? null : (this.#host.log.next(this.id, at - 1, 1)[0] ?? null);
    this.#moveBehind(work.kind === 'tick' ? work.at : work.record);
    const park = {
      id: newId('park', this.#host.now()),
      kind: work.kind,
      seq: at,
      body: JSON.stringify(row),
      error: messageOf(failing.error),
      attempts: failing.attempts,
    };
    this.#add(
      { ...noEffects, park, ...(this.#at.ended ? { dropLane: true } : {}) },
      keyOf(work),
      timeOf(work),
    );
    this.#failing = null;
  }

  /** It stays parked, with its new error. */
  #keepParked({ id, kind, seq, attempts: before }: ParkedItem, error: unknown): void {
    const attempts = before + 1;
    const work = `${kind} ${seq}`;
    const keepParked = { id, error: messageOf(error), attempts };
    this.#add({ ...noEffects, keepParked }, work, this.#host.now());
    this.#host.onFailed(this.#consumer, { lane: this.id, work, error, attempts, parked: true });
  }

  /** Starts again from what is durable. */
  #goBack(): void {
    const { seq, tick } = this.#commits.durable;
    this.#generation += 1;
    this.#at = { seq, tick, ended: false };
    this.#inbox = [];
    this.#behind = true;
    this.#state = createLaneState(this.#host.log.state(this.#consumer.id, this.id));
    setImmediate(() => this.wake());
  }

  async #pause(attempts: number): Promise<void> {
    await this.#rest(backOffMs(attempts, 100, 30_000, this.#host.random));
  }

  async #rest(ms: number): Promise<void> {
    this.#pausing = true;
    try {
      await delay(this.#host.clock, ms, this.#abort.signal);
    } catch (error) {
      if (!this.#abort.signal.aborted) throw error;
    } finally {
      this.#pausing = false;
    }
  }
}

const noEffects = { writes: [], events: [], evidence: [], state: new Map<string, string | null>() } as const;

function keyOf(work: Work): string {
  return work.kind === 'tick' ? `tick ${work.at}` : `record ${work.record.seq}`;
}

function causeOf(work: Work): StepCause {
  return { kind: work.kind, at: work.kind === 'tick' ? work.at : work.record.seq };
}

function timeOf(work: Work): number {
  return work.kind === 'tick' ? work.at : work.record.received;
}

function parkedWork(item: ParkedItem): Work | null {
  if (item.kind === 'tick') return { kind: 'tick', at: item.seq, parkedId: item.id };
  const record = item.row === null ? null : parseLogRow(item.row);
  return record === null ? null : { kind: 'record', record, parkedId: item.id };
}
