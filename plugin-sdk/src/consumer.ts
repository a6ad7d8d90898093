/** A DetectionConsumer: what a plugin does with each batch, in order, exactly once in effect. */
import type { Batch, ControlRecord, KernelRecords } from './batch.ts';
import type { Effects } from './effects.ts';
import type { Interval } from './schedule.ts';
import type { JsonObject, OutputOf, Schema } from './schema.ts';

/** `'*'`, a list of task types, or task types mapped to a schema for their attributes. */
export type Consumes = '*' | readonly string[] | { readonly [taskType: string]: Schema };

/** The batches a manifest's `consumes` entitles to: a union discriminated by `taskType` when schemas are given. */
export type BatchOf<C> = C extends '*'
  ? Batch
  : C extends readonly (infer TaskType extends string)[]
    ? Batch<TaskType>
    : C extends { readonly [taskType: string]: Schema }
      ? { [TaskType in keyof C & string]: Batch<TaskType, OutputOf<C[TaskType]>> }[keyof C & string]
      : Batch<string, JsonObject>;

export interface Tick<Events> {
  /** T runs over the multiples of it since the epoch, in log time. */
  every: Interval;
  /** `'skip'`: no tick while the lane holds no state. Default `'run'`. */
  idle?: 'skip' | 'run';
  run(fx: Effects<Events>): void | Promise<void>;
}

export interface ConsumerDefinition<C = Consumes, Events = unknown, Records = unknown> {
  name: string;
  /** `'camera'` (default): one lane a camera. `'all'`: one lane over all cameras. */
  order?: 'camera' | 'all';
  /** Where a consumer never seen before begins: at the log's head (default), its start, or a time (ms since the epoch). */
  from?: 'head' | 'start' | number;
  /** Limit on one asynchronous call; default 30 s. */
  timeoutMs?: number;
  consume(batch: BatchOf<C>, fx: Effects<Events>): void | Promise<void>;
  /** Control records, by type: the plugin's own and the kernel's. */
  records?: {
    [Type in keyof (Records & KernelRecords) & string]?: (
      record: ControlRecord<Type, (Records & KernelRecords)[Type]>,
      fx: Effects<Events>,
    ) => void | Promise<void>;
  };
  tick?: Tick<Events>;
}

/** Gives a consumer its types; returns it unchanged. */
export function consumer<C = Consumes, Events = unknown, Records = unknown>(
  definition: ConsumerDefinition<C, Events, Records>,
): ConsumerDefinition<C, Events, Records> {
  return definition;
}
