/** What plugin code may ask for: intentions that the kernel applies in one transaction, or not at all. */
import type { SQLWrapper } from 'drizzle-orm';

/**
 * A statement on the plugin's own tables: a drizzle query (`db.insert(t).values(…)`) or an `sql` template.
 * It is rendered once, at the call. Only INSERT, UPDATE, DELETE and REPLACE are taken.
 */
export type Statement = SQLWrapper | { toSQL(): { sql: string; params: unknown[] } };

/** A query for `fx.read`: a drizzle select or an `sql` template. */
export type Query<Row> = (SQLWrapper | { toSQL(): { sql: string; params: unknown[] } }) & {
  readonly _row?: Row;
};

export type Severity = 'info' | 'warning' | 'critical';

export interface EmitOptions {
  /** Default: the camera of the lane, or none. */
  cameraId?: string | null;
  /** Default `info`. */
  severity?: Severity;
  /** When it happened, ms since the epoch; default `fx.now`. */
  timestamp?: number;
}

/** Stands in messages of the compiler where a manifest declares no events: add them under `emits`. */
export interface NoEventsUnderEmits {
  readonly _: never;
}

/** Stands in messages of the compiler where a manifest declares no control records: add them under `records`. */
export interface NoTypesUnderRecords {
  readonly _: never;
}

export type EmitArgs<Events> = unknown extends Events
  ? never
  : [keyof Events] extends [never]
    ? [type: NoEventsUnderEmits, payload?: unknown, options?: EmitOptions]
    : {
        [Type in keyof Events & string]: [type: Type, payload: Events[Type], options?: EmitOptions];
      }[keyof Events & string];

/**
 * Durable keyed state of one lane of one consumer. Values are JSON text inside: `get` parses, so a value
 * changed in place without `set` leaves no trace. Bytes are capped (16 MiB a lane, 1 MiB a value); beyond the cap `set` throws.
 */
export interface KeyedState {
  get<Value>(key: string): Value | undefined;
  set(key: string, value: unknown): void;
  delete(key: string): void;
  has(key: string): boolean;
  /** In key order (UTF-16 code units), a snapshot: changes made while iterating are not seen. */
  entries<Value>(prefix?: string): IterableIterator<[key: string, value: Value]>;
  readonly size: number;
}

export interface WriteOptions {
  /** Refuse the whole commit as a conflict unless exactly this many rows change. */
  expectChanges?: number;
}

/** What the audit log says of a change. */
export interface AuditNote {
  /** What was done, as `create_zone`. */
  action: string;
  /** The kind of thing it was done to, as `zone`. */
  target: string;
  targetId?: string | null;
  /** The one camera it is about; default: that of the route, if it names one. */
  cameraId?: string | null;
  /** An object of JSON values. No secrets: who manages the registry may read it. */
  detail?: Readonly<Record<string, unknown>>;
}

/** Effects of routes, jobs and handlers. */
export interface Tx<Events, Records> {
  /** ms since the epoch. */
  readonly now: number;
  /** `<prefix>_` + 32 hex digits, time-ordered. */
  id(prefix: string): string;
  write(statement: Statement, options?: WriteOptions): void;
  /** Append an event to the journal; answers its id. */
  emit(...args: EmitArgs<Events>): string;
  /** Append a control record to the log: consumers see it in order with the batches. */
  record<Type extends keyof Records & string>(
    type: [keyof Records] extends [never] ? NoTypesUnderRecords : Type,
    payload: Records[Type],
    options: { cameraId: string | null },
  ): void;
  /**
   * Write a row of the audit log along with the change: of a route in its caller's name, else in the plugin's. A change of a route that
   * says nothing is written down by the route's name, unless its definition has `audit: { none }`.
   */
  audit(note: AuditNote): void;
}

/** Effects of a consumer: recorded while it runs, committed together with its cursor. */
export interface Effects<Events> {
  /** Log time in ms since the epoch: the record's `received`, or the tick's T. Never the wall clock. */
  readonly now: number;
  readonly state: KeyedState;
  /** Derived from consumer, lane and sequence (or T): the same log gives the same id. */
  id(prefix: string): string;
  write(statement: Statement): void;
  /** Append an event to the journal; answers its id. */
  emit(...args: EmitArgs<Events>): string;
  /**
   * Keep the still of this batch (the frame that `frameId` names while the sampler's ring holds it, else the newest)
   * as evidence under `name`. Answers its path below `/media/snapshots/`, or null when no frame was at hand.
   */
  keepFrame(name: string): string | null;
  /** Rows of the plugin's own tables and the `detections` view; sees this lane's earlier batches. */
  read<Row>(query: Query<Row> | Statement): Promise<Row[]>;
}
