/** Takes the records of a log through the lanes of a plugin's consumers, with the ticks in between, chunk by chunk. */
import { setImmediate } from 'node:timers/promises';
import type { ConsumerDefinition, PluginDefinition, Statement } from '@heldar/plugin-sdk';
import { sql as sqlTemplate } from 'drizzle-orm';
import { systemClock } from '../clock.ts';
import { makeActiveConsumer, type ActiveConsumer } from '../detections/consumer-run.ts';
import { createInterest, interestsOf } from '../detections/interest.ts';
import { laneIdOf } from '../detections/lane-order.ts';
import { parseLogRow, type LogRecord } from '../detections/record.ts';
import { createEventTypes } from '../plugins/event-types.ts';
import { noWatch } from '../runtime/watchdog.ts';
import type { ShadowStore } from '../store/shadow-store.ts';
import type { ReadDb } from '../store/store.ts';
import type { LogSource } from './log-source.ts';
import type { LaneLimit } from './recorded-limits.ts';
import { ShadowLane } from './shadow-lane.ts';

export interface ReplayCounts {
  /** Records of the source, batches among them. */
  readonly records: number;
  readonly batches: number;
  /** Calls of consumers that counted. */
  readonly calls: number;
  readonly lanes: number;
  /** Lives of cameras whose batches were emptied when they were deleted: their lanes can't be run again. */
  readonly emptied: ReadonlySet<number>;
  /** Of the first and the last record, log time; null: there are none. */
  readonly firstAt: number | null;
  readonly lastAt: number | null;
}

/** Records and ticks whose effects are applied in one transaction. */
const chunk = 1000;

interface Attached {
  readonly consumer: ActiveConsumer;
  readonly lanes: Map<number, ShadowLane>;
}

/** `spoilt`: the run ended early because `isSpoilt` said so after a chunk. */
export async function runLog(options: {
  readonly definition: PluginDefinition;
  readonly consumers: readonly ConsumerDefinition<never, never, never>[];
  readonly shadow: ShadowStore;
  readonly db: ReadDb;
  readonly source: LogSource;
  readonly signal: AbortSignal | undefined;
  /** The plugin reads the detection log with SQL. */
  readonly keepsLog: boolean;
  startOf(consumer: string): number;
  limitOf(consumer: string, lane: number): LaneLimit;
  /** `apply`: makes all effects up to now readable. */
  onReady(apply: () => void): void;
  isSpoilt(): boolean;
}): Promise<ReplayCounts | 'spoilt'> {
  const { shadow, source, signal } = options;
  const interest = createInterest<Attached>();
  for (const consumer of options.consumers) attach(options, consumer, interest);
  const cameraOf = new Map(source.cameras.map(({ incarnation, id }) => [incarnation, id]));
  const lanes: ShadowLane[] = [];
  /** No tick is due before it. */
  let earliest = Number.POSITIVE_INFINITY;
  let gathered = 0;

  const applyAll = () => lanes.forEach((lane) => void lane.apply());
  options.onReady(applyAll);

  const laneOf = ({ consumer, lanes: own }: Attached, id: number): ShadowLane => {
    const known = own.get(id);
    if (known !== undefined) return known;
    const { plugin, name, events } = consumer;
    const lane = new ShadowLane({
      consumer,
      id,
      cameraId: id === 0 ? null : (cameraOf.get(id) ?? null),
      shadow,
      limit: options.limitOf(name, id),
      context: {
        clock: systemClock,
        watch: noWatch,
        effectScope: {
          plugin,
          consumer: name,
          lane: id,
          storeId: source.storeId,
          events,
          settled: () => Promise.resolve(applyAll()),
          read: (query) => runQuery(options.db, query),
        },
      },
    });
    own.set(id, lane);
    lanes.push(lane);
    return lane;
  };

  const settle = async () => {
    gathered = 0;
    for (const lane of lanes) {
      const running = lane.settle();
      if (running !== undefined) await running;
    }
    shadow.commit();
    // Whatever else runs in this process gets its turn.
    await setImmediate();
    return !options.isSpoilt();
  };

  /** All ticks before `time`, whatever their lanes, in the order of T. */
  const runTicks = async (time: number) => {
    for (;;) {
      const [lane, due] = firstDue(lanes);
      earliest = due;
      if (lane === null || due >= time) return;
      const running = lane.takeTicks(due);
      if (running !== undefined) await running;
      if (++gathered >= chunk) await settle();
    }
  };

  const take = async (record: LogRecord, takers: Iterable<Attached>) => {
    if (earliest < record.received) await runTicks(record.received);
    for (const attached of takers) {
      const id = laneIdOf(attached.consumer.order, record.incarnation);
      if (id === null) continue;
      const lane = laneOf(attached, id);
      const running = lane.take(record);
      if (running !== undefined) await running;
      earliest = Math.min(earliest, lane.nextTick() ?? Number.POSITIVE_INFINITY);
    }
  };

  let [records, batches] = [0, 0];
  const emptied = new Set<number>();
  let firstAt: number | null = null;
  let lastAt: number | null = null;
  for await (const page of source.pages()) {
    signal?.throwIfAborted();
    for (const row of page) {
      records += 1;
      firstAt ??= row.received;
      lastAt = row.received;
      if (row.kind === 'batch') batches += 1;
      if (options.keepsLog) shadow.addRecord(row);
      if (row.body === null && row.incarnation !== null) emptied.add(row.incarnation);
      const takers = row.kind === 'batch' ? interest.of(row.type) : [...interest.all()];
      const record = takers.length === 0 ? null : parseLogRow(row);
      if (record === null) continue;
      await take(record, takers);
      if (++gathered >= chunk && !(await settle())) return 'spoilt';
    }
  }
  for (const lane of lanes) await lane.takeTicks(lane.lastTick);
  if (!(await settle())) return 'spoilt';
  const calls = lanes.reduce((sum, lane) => sum + lane.calls, 0);
  return { records, batches, calls, lanes: lanes.length, emptied, firstAt, lastAt };
}

function attach(
  { definition, shadow, startOf }: Parameters<typeof runLog>[0],
  consumer: ConsumerDefinition<never, never, never>,
  interest: ReturnType<typeof createInterest<Attached>>,
): void {
  const { name: plugin } = definition;
  const { name, order: ordering = 'camera' } = consumer;
  const startSeq = startOf(name);
  const consumerId = shadow.registerConsumer({ plugin, name, ordering, startSeq });
  const active = makeActiveConsumer(
    { consumerId, epoch: 1, startSeq },
    {
      plugin,
      definition: consumer,
      ...interestsOf(definition.consumes ?? []),
      events: createEventTypes(plugin, definition.emits ?? {}),
    },
  );
  interest.add(consumerId, active.taskTypes, { consumer: active, lanes: new Map() });
}

function firstDue(lanes: readonly ShadowLane[]): [ShadowLane | null, number] {
  let first: ShadowLane | null = null;
  let time = Number.POSITIVE_INFINITY;
  for (const lane of lanes) {
    const due = lane.nextTick();
    if (due === null || due >= time) continue;
    first = lane;
    time = due;
  }
  return [first, time];
}

function runQuery(db: ReadDb, query: Statement): unknown[] {
  if ('all' in query && typeof query.all === 'function') return (query.all as () => unknown[])();
  return db.all(sqlTemplate`${query as never}`);
}
