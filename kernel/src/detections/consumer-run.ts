/** How a consumer's code is called once: with its effects recorded, its time limited, and its name known to the watchdog. */
import type {
  Batch,
  ConsumerDefinition,
  ControlRecord,
  Detection,
  Effects,
  Schema,
} from '@heldar/plugin-sdk';
import type { Clock } from '../clock.ts';
import type { EventTypes } from '../plugins/event-types.ts';
import type { Watch } from '../runtime/watchdog.ts';
import { recordEffects, type Cause, type EffectScope, type RecordedEffects } from './effects.ts';
import type { LaneState } from './lane-state.ts';
import type { LogRecord } from './record.ts';
import { remoteRunOf, runRemotely } from './remote-run.ts';
import { parseInterval } from './ticks.ts';

type Fx = Effects<Record<string, unknown>>;
type Handler = (input: never, fx: Fx) => void | Promise<void>;

/** A consumer of a running plugin generation. */
export interface ActiveConsumer {
  readonly id: number;
  readonly epoch: number;
  readonly startSeq: number;
  readonly plugin: string;
  readonly name: string;
  readonly order: 'camera' | 'all';
  readonly timeoutMs: number;
  readonly everyMs: number | null;
  readonly tickWhenIdle: boolean;
  /** null: every task type. */
  readonly taskTypes: ReadonlySet<string> | null;
  readonly attributes: ReadonlyMap<string, Schema>;
  readonly recordTypes: ReadonlySet<string>;
  readonly events: EventTypes;
  readonly definition: ConsumerDefinition<never, never, never>;
  /** Detections whose attributes did not fit the schema. */
  skippedDetections: number;
}

export function makeActiveConsumer(
  start: { consumerId: number; epoch: number; startSeq: number },
  spec: {
    plugin: string;
    definition: ConsumerDefinition<never, never, never>;
    taskTypes: ReadonlySet<string> | null;
    attributes: ReadonlyMap<string, Schema>;
    events: EventTypes;
  },
): ActiveConsumer {
  const { plugin, definition } = spec;
  const { tick } = definition;
  return {
    id: start.consumerId,
    epoch: start.epoch,
    startSeq: start.startSeq,
    plugin,
    name: definition.name,
    order: definition.order ?? 'camera',
    timeoutMs: definition.timeoutMs ?? 30_000,
    everyMs:
      tick === undefined ? null : parseInterval(tick.every, `${plugin}.${definition.name}: tick.every`),
    tickWhenIdle: tick?.idle !== 'skip',
    taskTypes: spec.taskTypes,
    attributes: spec.attributes,
    recordTypes: new Set(Object.keys(definition.records ?? {})),
    events: spec.events,
    definition,
    skippedDetections: 0,
  };
}

/** Is there code to run for this record? Records of other plugins never match: their types carry their plugin's name. */
export function wants(consumer: ActiveConsumer, record: LogRecord): boolean {
  if (record.kind === 'batch')
    return consumer.taskTypes === null || consumer.taskTypes.has(record.batch.taskType);
  return consumer.recordTypes.has(localRecordType(consumer.plugin, record.record.type));
}

/** `zones.zone_changed` is `zone_changed` to the plugin `zones`. */
function localRecordType(plugin: string, type: string): string {
  return type.startsWith(`${plugin}.`) ? type.slice(plugin.length + 1) : type;
}

export interface RunContext {
  readonly clock: Clock;
  readonly watch: Watch;
  readonly effectScope: EffectScope;
}

export type Outcome = { readonly effects: CallEffects } | { readonly error: unknown };

/** What a call that went well leaves to be committed. */
export type CallEffects = Pick<RecordedEffects, 'step' | 'isEmpty' | 'keep'>;

/** Runs the consumer on a record; synchronous when the consumer is. */
export function runOnRecord(
  context: RunContext,
  consumer: ActiveConsumer,
  record: LogRecord,
  state: LaneState,
): Outcome | Promise<Outcome> {
  const { definition } = consumer;
  const remote = remoteRunOf(definition);
  if (remote !== undefined)
    return runRemotely(context, consumer, remote, { cause: causeOf(record), work: record, state });
  if (record.kind === 'record') {
    const { record: control } = record;
    const type = localRecordType(consumer.plugin, control.type);
    const handlers = (definition.records ?? {}) as Record<string, Handler | undefined>;
    const input: ControlRecord = type === control.type ? control : { ...control, type };
    return call(context, consumer, causeOf(record), state, (fx) => handlers[type]?.(input as never, fx));
  }
  return call(context, consumer, causeOf(record), state, (fx) =>
    definition.consume(fitting(consumer, record.batch) as never, fx),
  );
}

/** Runs the consumer's tick at T. */
export function runOnTick(
  context: RunContext,
  consumer: ActiveConsumer,
  at: number,
  cameraId: string | null,
  state: LaneState,
): Outcome | Promise<Outcome> {
  const cause: Cause = { key: `t${at}`, now: at, cameraId, siteId: null, frameId: null, frame: null };
  const remote = remoteRunOf(consumer.definition);
  if (remote !== undefined)
    return runRemotely(context, consumer, remote, { cause, work: { kind: 'tick', at }, state });
  return call(context, consumer, cause, state, (fx) => consumer.definition.tick?.run(fx));
}

function causeOf(record: LogRecord): Cause {
  const base = { key: `s${record.seq}`, now: record.received };
  if (record.kind === 'record')
    return { ...base, cameraId: record.record.cameraId, siteId: null, frameId: null, frame: null };
  const { cameraId, siteId, frameId, frame } = record.batch;
  return { ...base, cameraId, siteId, frameId, frame };
}

function call(
  context: RunContext,
  consumer: ActiveConsumer,
  cause: Cause,
  state: LaneState,
  invoke: (fx: Fx) => void | Promise<void>,
): Outcome | Promise<Outcome> {
  const effects = recordEffects(context.effectScope, cause, state);
  const leave = context.watch.enter(`${consumer.plugin}.${consumer.name}`);
  try {
    const outcome = invoke(effects.fx);
    if (!(outcome instanceof Promise) && !isThenable(outcome)) {
      effects.close();
      return { effects };
    }
    return finish(context, consumer, effects, outcome as Promise<void>);
  } catch (error) {
    effects.close();
    return { error };
  } finally {
    leave();
  }
}

async function finish(
  context: RunContext,
  consumer: ActiveConsumer,
  effects: RecordedEffects,
  running: Promise<void>,
): Promise<Outcome> {
  const begun = context.clock.monotonic();
  let cancel = () => {};
  const late = new Promise<never>((_, reject) => {
    cancel = context.clock.after(consumer.timeoutMs, () =>
      reject(new Error(`${consumer.plugin}.${consumer.name} did not finish within ${consumer.timeoutMs} ms`)),
    );
  });
  try {
    await Promise.race([running, late]);
    return { effects };
  } catch (error) {
    return { error };
  } finally {
    cancel();
    effects.close();
    context.watch.took(`${consumer.plugin}.${consumer.name}`, context.clock.monotonic() - begun);
  }
}

function isThenable(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}

/** The batch with only those detections whose attributes fit the consumer's schema. */
function fitting(consumer: ActiveConsumer, batch: Batch): Batch {
  const schema = consumer.attributes.get(batch.taskType);
  if (schema === undefined) return batch;
  const detections: Detection[] = [];
  for (const detection of batch.detections) {
    const outcome = schema['~standard'].validate(detection.attributes);
    if (outcome instanceof Promise || outcome.issues !== undefined) consumer.skippedDetections += 1;
    else detections.push({ ...detection, attributes: outcome.value as Detection['attributes'] });
  }
  return { ...batch, detections };
}
