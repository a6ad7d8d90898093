/** One lane in a replay: the consumer's calls in the order of a live lane, their effects gathered and applied to the shadow store together. */
import {
  runOnRecord,
  runOnTick,
  type ActiveConsumer,
  type Outcome,
  type RunContext,
} from '../detections/consumer-run.ts';
import {
  isWork,
  nextTickOf,
  positionBehind,
  tickComesFirst,
  type LanePosition,
} from '../detections/lane-order.ts';
import { createLaneState } from '../detections/lane-state.ts';
import type { LogRecord } from '../detections/record.ts';
import { HeldarError, messageOf } from '../errors.ts';
import { derivedHex } from '../ids.ts';
import type { ShadowStore } from '../store/shadow-store.ts';
import type { LaneStep, StepCause } from '../store/units.ts';
import { unlimited, type LaneLimit } from './recorded-limits.ts';

type Work =
  { readonly kind: 'record'; readonly record: LogRecord } | { readonly kind: 'tick'; readonly at: number };

/** A record, or the log time up to which ticks are due. */
type Input = LogRecord | number;

interface Done {
  readonly step: LaneStep;
  /** Log time, ms. */
  readonly at: number;
}

const none = { writes: [], events: [], evidence: [], state: new Map<string, string | null>() } as const;

export class ShadowLane {
  readonly id: number;
  readonly consumer: ActiveConsumer;
  /** Calls of the consumer, those that were void left out. */
  calls = 0;
  readonly #shadow: ShadowStore;
  readonly #context: RunContext;
  readonly #cameraId: string | null;
  readonly #limit: LaneLimit;
  #state = createLaneState(new Map());
  #at: LanePosition;
  /** Where it stood when all was applied last. */
  #base: LanePosition;
  /** What the shadow store holds as its cursor. */
  #cursor: { readonly seq: number; readonly tick: number };
  /** Taken since then. */
  #inputs: Input[] = [];
  #done: Done[] = [];
  /** What the shadow store refused; parked when its turn comes again, as production does after its tries. */
  #refused: { readonly key: string; readonly error: string } | null = null;
  /** Rises when effects were refused: what was computed behind them is void. */
  #generation = 0;
  /** It went back to what is applied and has not taken its inputs again. */
  #isBehind = false;

  constructor(options: {
    consumer: ActiveConsumer;
    id: number;
    cameraId: string | null;
    shadow: ShadowStore;
    context: RunContext;
    limit: LaneLimit;
  }) {
    this.id = options.id;
    this.consumer = options.consumer;
    this.#cameraId = options.cameraId;
    this.#shadow = options.shadow;
    this.#context = options.context;
    this.#limit = options.limit;
    this.#at = { seq: options.consumer.startSeq, tick: 0, ended: false };
    this.#base = this.#at;
    this.#cursor = this.#at;
  }

  /** T of the next tick; null: none, or production has not come that far. */
  nextTick(): number | null {
    const due = nextTickOf(this.consumer, this.#at, this.#state.size);
    return due !== null && due <= this.#limit.tick ? due : null;
  }

  /** T of the last tick that production ran; 0 when nothing says how far to go. */
  get lastTick(): number {
    return this.#limit.tick === unlimited.tick ? 0 : this.#limit.tick;
  }

  /** Runs what is due before the record, then the record. Synchronous when the consumer is. */
  take(record: LogRecord): Promise<void> | undefined {
    if (record.seq > this.#limit.seq) return undefined;
    return this.#takeInput(record);
  }

  /** Runs the ticks up to and including the one at `time`. */
  takeTicks(time: number): Promise<void> | undefined {
    return this.#takeInput(time);
  }

  /** Applies what has gathered, and runs again what the shadow store did not take. */
  settle(): Promise<void> | undefined {
    if (!this.#isBehind && this.apply()) {
      this.#inputs = [];
      return undefined;
    }
    return this.#again();
  }

  /** Applies what has gathered; false when something of it was refused: then the lane is back where that was to happen. */
  apply(): boolean {
    const done = this.#done;
    const last = done.at(-1);
    if (last === undefined) return true;
    this.#done = [];
    const { applied, error } = this.#shadow.applyLane(
      {
        kind: 'lane',
        plugin: this.consumer.plugin,
        consumerId: this.consumer.id,
        lane: this.id,
        epoch: this.consumer.epoch,
        fromSeq: this.#cursor.seq,
        fromTick: this.#cursor.tick,
        steps: done.map(({ step }) => step),
      },
      last.at,
    );
    const reached = done[applied - 1]?.step;
    if (reached !== undefined) this.#cursor = { seq: reached.seq, tick: reached.tick };
    const refused = done[applied];
    if (refused === undefined) {
      this.#base = this.#at;
      return true;
    }
    if (error === undefined)
      throw new HeldarError('internal', `the replay of lane ${this.id} lost its place`);
    this.#goBack(reached, { key: keyOf(refused.step.cause), error });
    return false;
  }

  #takeInput(input: Input): Promise<void> | undefined {
    this.#inputs.push(input);
    return this.#isBehind ? this.#again() : this.#advance(input);
  }

  #advance(input: Input): Promise<void> | undefined {
    for (let work = this.#next(input); work !== null; work = this.#next(input)) {
      const generation = this.#generation;
      const outcome = this.#call(work);
      if (outcome instanceof Promise) return this.#finish(input, work, outcome, generation);
      if (generation !== this.#generation) return this.#again();
      this.#keep(work, outcome);
    }
    return undefined;
  }

  async #finish(input: Input, work: Work, running: Promise<Outcome>, generation: number): Promise<void> {
    const outcome = await running;
    if (generation !== this.#generation) return this.#again();
    this.#keep(work, outcome);
    await this.#advance(input);
  }

  /** Takes everything since `base` again, until the shadow store takes it all. */
  async #again(): Promise<void> {
    do {
      this.#isBehind = false;
      for (const input of this.#inputs) await this.#advance(input);
    } while (!this.apply());
    this.#inputs = [];
  }

  /** What is left to do for an input. */
  #next(input: Input): Work | null {
    const due = this.nextTick();
    if (typeof input === 'number') return due !== null && due <= input ? { kind: 'tick', at: due } : null;
    if (this.#at.ended || input.seq <= this.#at.seq) return null;
    if (tickComesFirst(due, input)) return { kind: 'tick', at: due };
    if (isWork(this.consumer, this.id, input)) return { kind: 'record', record: input };
    this.#at = positionBehind(this.consumer, this.id, this.#at, input);
    return null;
  }

  #call(work: Work): Outcome | Promise<Outcome> {
    if (this.#refused?.key === keyOf(causeOf(work))) return { error: this.#refused.error };
    if (work.kind === 'tick')
      return runOnTick(this.#context, this.consumer, work.at, this.#cameraId, this.#state);
    return runOnRecord(this.#context, this.consumer, work.record, this.#state);
  }

  #keep(work: Work, outcome: Outcome): void {
    this.calls += 1;
    const [behind, at] = work.kind === 'tick' ? [work.at, work.at] : [work.record, work.record.received];
    this.#at = positionBehind(this.consumer, this.id, this.#at, behind);
    const { seq, tick, ended } = this.#at;
    const place = { seq, tick, cause: causeOf(work), ...(ended ? { dropLane: true as const } : {}) };
    if ('error' in outcome) {
      this.#refused = null;
      this.#done.push({ step: { ...none, ...place, park: this.#parked(work, at, outcome.error) }, at });
      return;
    }
    outcome.effects.keep();
    if (!outcome.effects.isEmpty() || ended)
      this.#done.push({ step: { ...outcome.effects.step, ...place }, at });
  }

  #parked(work: Work, now: number, error: unknown): NonNullable<LaneStep['park']> {
    const { kind, at } = causeOf(work);
    const { effectScope } = this.#context;
    const id = derivedHex(
      now,
      effectScope.storeId,
      effectScope.plugin,
      this.consumer.name,
      this.id,
      kind,
      at,
    );
    // Trying again what only depends on the log gives the same.
    return { id: `park_${id}`, kind, seq: at, body: 'null', error: messageOf(error), attempts: 1 };
  }

  #goBack(
    reached: { readonly seq: number; readonly tick: number } | undefined,
    refused: { readonly key: string; readonly error: string },
  ): void {
    this.#generation += 1;
    this.#isBehind = true;
    this.#refused = refused;
    this.#at = reached === undefined ? this.#base : { seq: reached.seq, tick: reached.tick, ended: false };
    this.#base = this.#at;
    this.#state = createLaneState(this.#shadow.state(this.consumer.id, this.id));
  }
}

function causeOf(work: Work): StepCause {
  return { kind: work.kind, at: work.kind === 'tick' ? work.at : work.record.seq };
}

function keyOf(cause: StepCause | undefined): string {
  return cause === undefined ? '' : `${cause.kind} ${cause.at}`;
}
