/** Who gets which record: keeps the lanes of all consumers, hands them what becomes durable, and wakes them for ticks. */
import type { ConsumerDefinition, Consumes } from '@heldar/plugin-sdk';
import { untilNext, type Clock } from '../clock.ts';
import { HeldarError } from '../errors.ts';
import type { EventTypes } from '../plugins/event-types.ts';
import type { Watch } from '../runtime/watchdog.ts';
import { orderingChanged } from '../store/lanes.ts';
import type { GenerationFacts } from '../store/generations.ts';
import { createLogQueries, type LogQueries } from '../store/log-queries.ts';
import type { ParkedRow } from '../store/parked-queries.ts';
import type { Store } from '../store/store.ts';
import { makeActiveConsumer, type ActiveConsumer, type RunContext } from './consumer-run.ts';
import { createInterest, interestsOf } from './interest.ts';
import { laneIdOf } from './lane-order.ts';
import { Lane, type EvidenceKeeper, type LaneFailure, type LaneHost, type ParkedItem } from './lane.ts';
import type { LogRecord } from './record.ts';
import { runQuery } from './run-query.ts';

export interface ConsumerSpec {
  readonly plugin: string;
  /** The manifest's `consumes`. */
  readonly consumes: Consumes;
  readonly definition: ConsumerDefinition<never, never, never>;
  readonly events: EventTypes;
  /** Kept beside what it emits, so that an event can be explained. */
  readonly generation?: GenerationFacts;
}

export interface ConsumerStats {
  readonly plugin: string;
  readonly consumer: string;
  readonly lanes: number;
  /** Records of the log that have not had their effect. */
  readonly lagRecords: number;
  readonly failing: { lane: number; attempts: number; error: string } | null;
  readonly skippedDetections: number;
}

export interface Dispatcher {
  /**
   * Starts a consumer: from its cursors, or where its definition says when the store has never seen it. It takes the place of an older
   * generation's consumer of that name at once: what that one has not committed by then it never will, and runs here again.
   */
  attach(spec: ConsumerSpec): Promise<{ detach(): Promise<void> }>;
  /** @throws HeldarError `plugin_invalid` when `attach` would refuse it. */
  check(spec: ConsumerSpec): void;
  /** A record became durable; called in log order. */
  offer(record: LogRecord): void;
  /** A group was committed, so a tick may have become due. */
  onSettled(): void;
  stats(): ConsumerStats[];
  /** Runs a parked item again, out of order. */
  retryParked(row: ParkedRow): Promise<void>;
  /** Resolves when every lane has done all it can do now. */
  quiet(): Promise<void>;
  /** Nothing goes on until time passes: a lane may wait for its next try. Ticks that are due by now are begun first, before their sweep. */
  isSettled(): boolean;
  /** When the next tick of any lane is due, log time in ms; null: none. */
  nextTick(): number | null;
  start(): void;
  stop(): Promise<void>;
}

interface Attached {
  readonly consumer: ActiveConsumer;
  readonly lanes: Map<number, Lane>;
}

/** How often lanes are looked at, ms: for ticks that are due, at most; for cursors to advance. */
export interface SweepIntervals {
  readonly ticks: number;
  readonly cursors: number;
}

const defaultSweepMs: SweepIntervals = { ticks: 50, cursors: 2000 };

export function createDispatcher(options: {
  store: Store;
  clock: Clock;
  random: () => number;
  watch: Watch;
  evidence: EvidenceKeeper;
  /** How long lanes of a plugin rest between two calls, ms; default not at all. */
  paceOf?(plugin: string): number;
  sweepMs?: SweepIntervals | undefined;
  onFailed(consumer: ActiveConsumer, failure: LaneFailure): void;
  onApplied(consumer: ActiveConsumer, lagMs: number): void;
}): Dispatcher {
  const { store, clock, sweepMs = defaultSweepMs } = options;
  const log: LogQueries = createLogQueries(store.reader);
  const interest = createInterest<Attached>();
  const heads = log.laneHeads();
  let head = log.head();
  let cancelSweep = () => {};
  let isRunning = false;
  /** When lanes are looked at next for ticks, monotonic. */
  let nextLook: { readonly at: number; cancel(): void } | null = null;

  const host: LaneHost = {
    clock,
    log,
    random: options.random,
    evidence: options.evidence,
    contextOf: (consumer, lane, settled) => contextOf(consumer, lane, settled),
    commit: (unit) => store.commit(unit),
    paceOf: (plugin) => options.paceOf?.(plugin) ?? 0,
    now: () => store.committer.logNow(),
    passTime: (time) => store.committer.passTime(time),
    onApplied: (consumer, received) => options.onApplied(consumer, Math.max(0, clock.now() - received)),
    onFailed: options.onFailed,
    onEnded(consumer, lane) {
      const attached = interest.find(consumer.id);
      // A newer generation has lanes of its own under the same numbers.
      if (attached?.consumer === consumer) attached.lanes.delete(lane);
    },
  };

  const contextOf = (consumer: ActiveConsumer, lane: number, settled: () => Promise<void>): RunContext => ({
    clock,
    watch: options.watch,
    effectScope: {
      plugin: consumer.plugin,
      consumer: consumer.name,
      lane,
      storeId: store.storeId,
      events: consumer.events,
      settled,
      read: (query) => runQuery(store.read, query),
    },
  });

  const laneOf = ({ consumer, lanes }: Attached, incarnation: number | null): Lane | null => {
    const id = laneIdOf(consumer.order, incarnation);
    if (id === null) return null;
    let lane = lanes.get(id);
    if (lane === undefined) lanes.set(id, (lane = new Lane(host, consumer, id)));
    return lane;
  };

  const openLanes = (attached: Attached) => {
    const { consumer } = attached;
    if (consumer.order === 'all') {
      laneOf(attached, null)?.wake();
      return;
    }
    const rows = new Map(log.lanes(consumer.id).map((row) => [row.lane, row.seq]));
    for (const [incarnation, last] of heads)
      if (
        rows.has(incarnation)
          ? log.isLive(incarnation) || (rows.get(incarnation) ?? 0) < last
          : last > consumer.startSeq
      )
        laneOf(attached, incarnation)?.wake();
  };

  /** Of a consumer that wants nothing of a camera the cursor moves all the same, or it would hold the log. */
  const openUnseen = (attached: Attached) => {
    const { consumer, lanes } = attached;
    if (consumer.order === 'all') return;
    for (const [incarnation, last] of heads)
      if (last > consumer.startSeq && !lanes.has(incarnation))
        if ((log.lane(consumer.id, incarnation)?.seq ?? consumer.startSeq) < last)
          laneOf(attached, incarnation)?.wake();
  };

  const each = (visit: (lane: Lane, attached: Attached) => void) => {
    for (const attached of interest.all()) for (const lane of attached.lanes.values()) visit(lane, attached);
  };

  const wakeTicks = () => {
    const now = store.committer.logNow();
    let next: number | null = null;
    each((lane) => {
      const due = lane.nextTick();
      if (due === null) return;
      if (due < now) lane.wake();
      next = Math.min(next ?? due, due);
    });
    if (next !== null && isRunning) lookAgain(Math.max(sweepMs.ticks, next + 1 - now));
  };

  /** Only while ticks are to come: a kernel at rest sleeps. */
  const lookAgain = (inMs: number) => {
    const at = clock.monotonic() + inMs;
    if (nextLook !== null && nextLook.at <= at) return;
    nextLook?.cancel();
    const cancel = clock.after(inMs, () => {
      nextLook = null;
      wakeTicks();
    });
    nextLook = { at, cancel };
  };

  const isQuiet = () => {
    let quiet = store.committer.depth === 0;
    each((lane) => (quiet &&= lane.isQuiet()));
    return quiet;
  };

  const sweepLater = () => {
    cancelSweep = clock.after(untilNext(clock, sweepMs.cursors), () => {
      sweep();
      sweepLater();
    });
  };
  const sweep = () => {
    // Of a lane that was opened since, or after a step of the clock.
    wakeTicks();
    for (const attached of interest.all()) openUnseen(attached);
    each((lane) => lane.advanceTo(lane.id === 0 ? head : (heads.get(lane.id) ?? 0)));
  };

  return {
    async attach(spec) {
      const { plugin, definition } = spec;
      const start = await store.write('consumers.start', {
        kind: 'consumer',
        plugin,
        name: definition.name,
        ordering: definition.order ?? 'camera',
        from: definition.from ?? 'head',
        ...(spec.generation === undefined ? {} : { generation: spec.generation }),
      });
      const consumer = makeActiveConsumer(start, { ...spec, ...interestsOf(spec.consumes) });
      const attached: Attached = { consumer, lanes: new Map() };
      interest.add(consumer.id, consumer.taskTypes, attached);
      openLanes(attached);
      wakeTicks();
      return {
        async detach() {
          interest.remove(consumer.id, attached);
          await Promise.all([...attached.lanes.values()].map((lane) => lane.stop()));
        },
      };
    },
    check({ plugin, consumes, events, definition }) {
      const unstarted = { consumerId: 0, epoch: 0, startSeq: 0 };
      const { name, order } = makeActiveConsumer(unstarted, {
        plugin,
        events,
        definition,
        ...interestsOf(consumes),
      });
      const known = log.orderingOf(plugin, name);
      if (known !== null && known !== order)
        throw new HeldarError('plugin_invalid', orderingChanged(plugin, name, known, order), {
          details: { next: 'give it a new name, or the order it had' },
        });
    },
    offer(record) {
      head = record.seq;
      if (record.incarnation !== null) heads.set(record.incarnation, record.seq);
      const interested = record.kind === 'batch' ? interest.of(record.batch.taskType) : interest.all();
      for (const attached of interested) laneOf(attached, record.incarnation)?.offer(record);
    },
    onSettled: wakeTicks,
    stats: () =>
      [...interest.all()].map(({ consumer, lanes }) => {
        let lagRecords = 0;
        let failing: ConsumerStats['failing'] = null;
        for (const lane of lanes.values()) {
          const stats = lane.stats();
          lagRecords += stats.behind
            ? Math.max(stats.waiting, log.countBehind(lane.id, stats.seq))
            : stats.waiting;
          if (stats.failing !== null) failing = { lane: lane.id, ...stats.failing };
        }
        const { plugin, name, skippedDetections } = consumer;
        return { plugin, consumer: name, lanes: lanes.size, lagRecords, failing, skippedDetections };
      }),
    async retryParked({ id, consumer_id: consumerId, lane, kind, seq, body, attempts }) {
      const found = interest.find(consumerId)?.lanes.get(lane);
      if (found === undefined || kind === 'event')
        throw new HeldarError(
          'unavailable',
          'the consumer of this item is not running, or its camera is gone; drop it, or start the plugin',
        );
      found.retry({ id, kind, seq, attempts, row: JSON.parse(body) as ParkedItem['row'] });
    },
    isSettled() {
      wakeTicks();
      let settled = store.committer.depth === 0;
      each((lane) => (settled &&= lane.isSettled()));
      return settled;
    },
    nextTick() {
      let next: number | null = null;
      each((lane) => {
        const due = lane.nextTick();
        if (due !== null && (next === null || due < next)) next = due;
      });
      return next;
    },
    async quiet() {
      // A tick that is due can be done now; a clock that stands still would never bring the look for it.
      for (wakeTicks(); !isQuiet(); wakeTicks()) await new Promise((resolve) => setTimeout(resolve, 1));
    },
    start() {
      isRunning = true;
      wakeTicks();
      sweepLater();
    },
    async stop() {
      isRunning = false;
      nextLook?.cancel();
      cancelSweep();
      const stopping: Promise<void>[] = [];
      each((lane) => stopping.push(lane.stop()));
      await Promise.all(stopping);
    },
  };
}
