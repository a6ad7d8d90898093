/** What `setup` is given, by the capabilities of the manifest. */
import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core';

/** What a plugin may touch beyond its own tables and batches. */
export type PluginCapability =
  'events:emit' | 'events:read' | 'cameras:read' | 'frames:keep' | 'http:outbound' | 'services:call';

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

/** Stands in messages of the compiler at a call that needs a capability: add it under `capabilities`. */
export interface NeedsCapability<Capability extends PluginCapability> {
  readonly _: Capability;
}

/** The `this` of a function that only a holder of the capability may call. */
type Holder<Capability extends PluginCapability, Held> = Capability extends Held
  ? unknown
  : NeedsCapability<Capability>;

/** The context of a plugin that holds some capabilities. It can be passed on as a `PluginContext`. */
export interface EarnedContext<Config, Held> extends Omit<
  PluginContext<Config>,
  'cameras' | 'fetch' | 'service'
> {
  /** With `cameras:read`. */
  readonly cameras: {
    get(this: Holder<'cameras:read', Held>, id: string): CameraInfo | undefined;
    list(this: Holder<'cameras:read', Held>): CameraInfo[];
  };
  /** With `http:outbound`. */
  readonly fetch: 'http:outbound' extends Held
    ? typeof globalThis.fetch
    : (
        this: NeedsCapability<'http:outbound'>,
        ...request: Parameters<typeof globalThis.fetch>
      ) => Promise<Response>;
  /** With `services:call`: a late-bound reference that survives a swap of the other plugin. */
  service<Service extends (...args: never[]) => Promise<unknown>>(
    this: Holder<'services:call', Held>,
    plugin: string,
    name: string,
  ): Service;
}
