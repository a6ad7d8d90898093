/** What `setup` returns, and so what the host undoes on dispose: handlers, jobs, services, health. */
import type { ConsumerDefinition } from './consumer.ts';
import type { Tx } from './effects.ts';
import type { Route } from './route.ts';
import type { CheckedSchedule } from './schedule.ts';
import type { Json } from './schema.ts';

/** An entry of the event journal. */
export interface JournalEvent<Type extends string = string, Payload = Json> {
  /** Position in the journal; strictly increasing. */
  readonly seq: number;
  /** UUID-shaped, time-ordered; use it as the idempotency key of what you do outside. */
  readonly id: string;
  readonly type: Type;
  readonly cameraId: string | null;
  readonly severity: string;
  /** ms since the epoch. */
  readonly timestamp: number;
  readonly payload: Payload;
}

export interface EventHandler<Events = unknown, Records = unknown> {
  readonly kind: 'event';
  readonly name: string;
  readonly types: readonly string[] | '*';
  run(
    event: JournalEvent<string, never>,
    context: { signal: AbortSignal; tx: Tx<Events, Records> },
  ): void | Promise<void>;
}

/**
 * Handles events of a type, at least once each, in order, with a durable cursor. Own event types may be named
 * without the plugin's prefix. `tx` commits together with the cursor; everything else should use `event.id` as idempotency key.
 */
export function onEvent<
  Events,
  Records,
  Type extends (keyof Events & string) | (string & Record<never, never>),
>(
  type: Type | '*',
  run: (
    event: JournalEvent<string, Type extends keyof Events ? Events[Type] : Json>,
    context: { signal: AbortSignal; tx: Tx<Events, Records> },
  ) => void | Promise<void>,
  options: { name?: string } = {},
): EventHandler<Events, Records> {
  return {
    kind: 'event',
    name: options.name ?? `on ${type}`,
    types: type === '*' ? '*' : [type],
    run,
  };
}

export interface Job<Events = unknown, Records = unknown> {
  readonly kind: 'job';
  readonly name: string;
  /** `'1h'`, `'30s'`, or a cron pattern in the site's time zone. */
  readonly schedule: string;
  run(context: { signal: AbortSignal; now: number; tx: Tx<Events, Records> }): void | Promise<void>;
}

/** Runs work on a schedule; a run that is still going when the next is due is not started twice. */
export function every<Events, Records, const Text extends string = string>(
  schedule: CheckedSchedule<Text>,
  name: string,
  run: Job<Events, Records>['run'],
): Job<Events, Records> {
  return { kind: 'job', name, schedule, run };
}

export type Health = { ok: true; detail?: string } | { ok: false; detail: string };

export interface Contributions<C = unknown, Events = unknown, Records = unknown> {
  routes?: readonly Route<Events, Records>[];
  consumers?: readonly ConsumerDefinition<C, Events, Records>[];
  handlers?: readonly EventHandler<Events, Records>[];
  jobs?: readonly Job<Events, Records>[];
  /** Asynchronous functions that other plugins may call through `ctx.service(plugin, name)`. */
  services?: { readonly [name: string]: (...args: never[]) => Promise<unknown> };
  health?: () => Health | Promise<Health>;
  /** Runs after everything above was undone. */
  dispose?: () => void | Promise<void>;
}
