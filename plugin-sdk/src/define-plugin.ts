/** The manifest of a plugin, typed so that it types everything its `setup` returns. */
import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core';
import { callerOf } from './caller.ts';
import type { Consumes } from './consumer.ts';
import type { Contributions } from './contributions.ts';
import type { InputOf, OutputOf, Schema } from './schema.ts';

/** What a plugin may touch beyond its own tables and batches. */
export type PluginCapability =
  'events:emit' | 'events:read' | 'cameras:read' | 'frames:keep' | 'http:outbound' | 'services:call';

/**
 * Where a plugin's code runs. `inline`: in the kernel's thread. `worker`: on a thread of its own. `process`: in a process of its own.
 * What each promises: `docs/isolation.md`.
 */
export type Isolation = 'inline' | 'worker' | 'process';

export type EventSchemas = { readonly [type: string]: Schema };
type Payloads<E> = { [Type in keyof E]: OutputOf<E[Type]> };

export interface Logger {
  debug(data: object, message: string): void;
  debug(message: string): void;
  info(data: object, message: string): void;
  info(message: string): void;
  warn(data: object, message: string): void;
  warn(message: string): void;
  error(data: object, message: string): void;
  error(message: string): void;
}

/** A camera as plugins see it: no address, no credentials. */
export interface CameraInfo {
  readonly id: string;
  readonly siteId: string | null;
  readonly name: string;
  readonly enabled: boolean;
}

export interface PluginContext<Config> {
  readonly name: string;
  readonly config: Config;
  /** Reads the plugin's own tables and the kernel's views. Writing through it fails: use `fx.write` or `tx.write`. */
  readonly db: BaseSQLiteDatabase<'sync', unknown>;
  readonly log: Logger;
  /** Aborted when this generation of the plugin is disposed. */
  readonly signal: AbortSignal;
  /** With `cameras:read`. */
  readonly cameras: { get(id: string): CameraInfo | undefined; list(): CameraInfo[] };
  /** With `http:outbound`. */
  readonly fetch: typeof globalThis.fetch;
  /** With `services:call`: a late-bound reference that survives a swap of the other plugin. */
  service<Service extends (...args: never[]) => Promise<unknown>>(plugin: string, name: string): Service;
}

export interface PluginDefinition<
  Config extends Schema = Schema,
  C extends Consumes = Consumes,
  Emits extends EventSchemas = EventSchemas,
  Records extends EventSchemas = EventSchemas,
> {
  /** Lower-case letters, digits and hyphens; the same as in `package.json` (`heldar.name`, else derived from the package's name). */
  name: string;
  config?: Config;
  consumes?: C;
  /** Event types it may emit, each with the schema of its payload. They reach the journal as `<name>.<type>`. */
  emits?: Emits;
  /** Control records it may write to the log, each with the schema of its payload. */
  records?: Records;
  capabilities?: readonly PluginCapability[];
  /** The same as `heldar.isolation` in `package.json`, which is read before any code runs. Default `inline`; a composition may ask for more. */
  isolation?: Isolation;
  /** Folder of SQL migrations, relative to the package's root. */
  migrations?: string;
  setup(
    ctx: PluginContext<OutputOf<Config>>,
  ):
    | Contributions<C, Payloads<Emits>, Payloads<Records>>
    | Promise<Contributions<C, Payloads<Emits>, Payloads<Records>>>;
}

const pluginMark = Symbol.for('heldar.plugin');
const instanceMark = Symbol.for('heldar.plugin-instance');

/** A plugin: call it with a config to name it in a composition or a test. */
export interface Plugin<Config extends Schema = Schema> {
  (config?: InputOf<Config>): PluginInstance;
  readonly definition: PluginDefinition;
  /** The file that called `definePlugin`, as a path or a URL: its package is the plugin's. null where the engine does not tell. */
  readonly definedIn: string | null;
  readonly [pluginMark]: true;
  readonly _config?: Config;
}

export interface PluginInstance {
  readonly [instanceMark]: true;
  readonly plugin: Plugin<never>;
  readonly config: unknown;
}

/**
 * Declares a plugin. The manifest is data; `setup` returns what the plugin contributes and the host undoes all of it
 * on dispose. Write `setup` with its parameter, also where it needs none (`setup: (_ctx) => …`): TypeScript types a function without
 * parameters before it has read the rest of the manifest, so `consume` and `emit` would not get their types.
 */
export function definePlugin<
  Config extends Schema = Schema<Record<string, never>>,
  const C extends Consumes = readonly never[],
  Emits extends EventSchemas = Record<never, never>,
  Records extends EventSchemas = Record<never, never>,
>(definition: PluginDefinition<Config, C, Emits, Records>): Plugin<Config> {
  const plugin = (config?: unknown) => ({ [instanceMark]: true as const, plugin, config });
  const definedIn = callerOf(definePlugin);
  return Object.assign(plugin, { definition, definedIn, [pluginMark]: true }) as unknown as Plugin<Config>;
}

/** True for what `definePlugin` made, whichever copy of this package made it. */
export function isPlugin(value: unknown): value is Plugin<never> {
  return typeof value === 'function' && (value as Partial<Plugin>)[pluginMark] === true;
}

export function isPluginInstance(value: unknown): value is PluginInstance {
  return (
    typeof value === 'object' && value !== null && (value as Partial<PluginInstance>)[instanceMark] === true
  );
}
