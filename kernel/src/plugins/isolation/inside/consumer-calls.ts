/** How does an isolate run one call of a consumer? As the kernel's thread would: the same recording of effects over the same state. */
import type { Contributions, PluginDefinition } from '@heldar/plugin-sdk';
import {
  makeActiveConsumer,
  runOnRecord,
  runOnTick,
  type ActiveConsumer,
  type CallEffects,
  type RunContext,
} from '../../../detections/consumer-run.ts';
import { interestsOf } from '../../../detections/interest.ts';
import { createLaneState, type LaneState } from '../../../detections/lane-state.ts';
import { freezeDeep, type LogRecord } from '../../../detections/record.ts';
import { runQuery } from '../../../detections/run-query.ts';
import { HeldarError } from '../../../errors.ts';
import { noWatch } from '../../../runtime/watchdog.ts';
import type { ReadDb } from '../../../store/store.ts';
import type { EventTypes } from '../../event-types.ts';
import type { Peer } from '../peer.ts';
import type {
  ConsumeReply,
  ConsumeRequest,
  IsolateNotes,
  KernelOperations,
  StateReference,
} from '../protocol.ts';

interface HeldState {
  readonly id: number;
  revision: number;
  readonly values: LaneState;
  /** What the last call made of it; the kernel says with the next call whether that holds. */
  pending: Pick<CallEffects, 'keep'> | null;
}

export function createConsumerCalls(options: {
  definition: PluginDefinition;
  contributions: Contributions;
  peer: Peer<KernelOperations, IsolateNotes>;
  storeId: string;
  events: EventTypes;
  db: ReadDb;
}): (request: ConsumeRequest, signal: AbortSignal) => ConsumeReply | Promise<ConsumeReply> {
  const { definition, peer, storeId, events } = options;
  const consumers = new Map(
    (options.contributions.consumers ?? []).map((consumer) => [
      consumer.name,
      makeActiveConsumer(
        { consumerId: 0, epoch: 0, startSeq: 0 },
        {
          plugin: definition.name,
          definition: consumer as never,
          events,
          ...interestsOf(definition.consumes ?? []),
        },
      ),
    ]),
  );
  const states = new Map<string, HeldState>();

  const contextOf = (consumer: ActiveConsumer, { call, lane }: ConsumeRequest): RunContext => ({
    clock: endless,
    watch: noWatch,
    effectScope: {
      plugin: definition.name,
      consumer: consumer.name,
      lane,
      storeId,
      events,
      settled: async () => void (await peer.ask('settled', { call })),
      read: (query) => runQuery(options.db, query),
    },
  });

  return (request, signal) => {
    const consumer = consumers.get(request.consumer);
    if (consumer === undefined)
      throw new HeldarError('internal', `the plugin has no consumer '${request.consumer}'`);
    const held = heldState(states, `${request.consumer}\0${request.lane}`, request.state);
    const context = contextOf(consumer, request);
    consumer.skippedDetections = 0;
    const { work } = request;
    const outcome =
      typeof work === 'string'
        ? runOnRecord(context, consumer, freezeDeep(JSON.parse(work) as LogRecord), held.values)
        : runOnTick(context, consumer, work.tick, work.cameraId, held.values);
    const skipped = consumer.skippedDetections;
    const reply = (done: Awaited<typeof outcome>): ConsumeReply => {
      if ('error' in done) throw done.error;
      if (!signal.aborted) held.pending = done.effects;
      return pack(done.effects, skipped);
    };
    return outcome instanceof Promise ? outcome.then(reply) : reply(outcome);
  };
}

/** Limits on calls are the kernel's: its clock is the one that counts. */
const endless: RunContext['clock'] = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: () => () => {},
};

/** Brings the state to where the kernel says the call starts from. */
function heldState(states: Map<string, HeldState>, key: string, wanted: StateReference): HeldState {
  const { id, revision, entries } = wanted;
  if (entries !== undefined) {
    const fresh: HeldState = { id, revision, values: createLaneState(new Map(entries)), pending: null };
    states.set(key, fresh);
    return fresh;
  }
  const held = states.get(key);
  if (held !== undefined && held.id === id && held.revision + 1 === revision && held.pending !== null) {
    held.pending.keep();
    held.revision = revision;
  }
  if (held === undefined || held.id !== id || held.revision !== revision)
    throw new HeldarError('internal', 'the state of this lane is not at hand in the isolate');
  held.pending = null;
  return held;
}

function pack({ step }: CallEffects, skipped: number): ConsumeReply {
  const { writes, events, evidence, state } = step;
  return {
    ...(writes.length === 0 ? {} : { writes }),
    ...(events.length === 0 ? {} : { events }),
    ...(evidence.length === 0 ? {} : { evidence }),
    ...(state.size === 0 ? {} : { state: [...state] }),
    ...(skipped === 0 ? {} : { skipped }),
  };
}
