/** The composition: which plugins a site runs, with which options. */
import type { Plugin, PluginInstance } from './define-plugin.ts';
import type { InputOf, Schema } from './schema.ts';

const useMark = Symbol.for('heldar.use');

/** A plugin named in a composition, loaded only when the kernel starts it. */
export interface LazyPlugin {
  readonly [useMark]: true;
  readonly load: () => Promise<unknown>;
  readonly config: unknown;
  readonly options: UseOptions;
}

export interface UseOptions {
  /** Refuse to start the kernel when this plugin fails. Default false: the rest serves without it. */
  required?: boolean;
}

type ConfigArgs<Config extends Schema> =
  Record<never, never> extends InputOf<Config>
    ? [config?: InputOf<Config>, options?: UseOptions]
    : [config: InputOf<Config>, options?: UseOptions];

/** Names a plugin lazily, with its options typed by its own schema: `use(() => import('./parking/src/index.ts'), { … })`. */
export function use<Config extends Schema>(
  load: () => Promise<{ default: Plugin<Config> }>,
  ...[config, options]: ConfigArgs<Config>
): LazyPlugin {
  return { [useMark]: true, load, config, options: options ?? {} };
}

export function isLazyPlugin(value: unknown): value is LazyPlugin {
  return typeof value === 'object' && value !== null && (value as Partial<LazyPlugin>)[useMark] === true;
}

/** A package name, a path (starting with `.` or `/`), `use(…)`, or an imported plugin with or without its config. */
// oxlint-disable-next-line no-explicit-any -- a list of plugins with different configs
export type PluginEntry = string | LazyPlugin | PluginInstance | Plugin<any>;

/**
 * Settings a composition may give; a `HELDAR_*` variable of the same meaning wins. Folders are relative to the file that
 * names them. Defaults, bounds and variables: `docs/configuration.md`.
 */
export interface SiteSettings {
  /** Label of this site, shown by `/api/v1/site`. */
  siteId?: string;
  api?: {
    host?: string;
    port?: number;
    /** Origins that browsers may call from; `*` allows all, an empty list none but the server's own. */
    corsOrigins?: readonly string[];
    /** `/readyz` fails below this share of recording cameras; 0 switches the check off. */
    minRecordingPercent?: number;
  };
  auth?: { enabled?: boolean };
  dataDir?: string;
  /** `sqlite://<path>`; default: `heldar.db` in the data folder. */
  databaseUrl?: string;
  recordingsDir?: string;
  /** Evidence stills. */
  snapshotsDir?: string;
  /** Sampled frames. */
  framesDir?: string;
  recorder?: { enabled?: boolean; indexerIntervalSeconds?: number };
  /** What a new camera gets where the request says nothing. */
  cameraDefaults?: {
    segmentSeconds?: number;
    retentionHours?: number;
    /** 0: no quota. */
    quotaGb?: number;
    recordAudio?: boolean;
    preRollSeconds?: number;
    postRollSeconds?: number;
  };
  ai?: {
    /** Sampling only; ingest goes on without it. */
    enabled?: boolean;
    /** Frames a second over all cameras. */
    maxTotalFps?: number;
    /** What a new task gets where the request says nothing. */
    defaultFps?: number;
    defaultWidth?: number;
  };
  retention?: {
    intervalSeconds?: number;
    /** 0: no limit. */
    maxRecordingsGb?: number;
    /** 0: none. */
    minFreeDiskGb?: number;
    detectionHours?: number;
    auditDays?: number;
  };
  /** A name on the PATH or a path. */
  media?: { ffmpegBin?: string; ffprobeBin?: string };
  /** A level, or `target=level` items separated by commas. */
  log?: string;
}

export interface Overrides extends SiteSettings {
  /** By plugin name: `false` switches it off, an object is laid over its options. */
  plugins?: { [name: string]: false | { [option: string]: unknown } };
}

export interface HeldarConfig extends SiteSettings {
  /** A base composition, by path or package; this file is laid over it. */
  extends?: string | readonly string[];
  plugins?: readonly PluginEntry[];
  /** Names of plugins to leave out, also those of a base. */
  disable?: readonly string[];
  development?: Overrides;
  production?: Overrides;
  test?: Overrides;
}

/** Types a `heldar.config.ts`; returns it unchanged. */
export function defineConfig(config: HeldarConfig): HeldarConfig {
  return config;
}
