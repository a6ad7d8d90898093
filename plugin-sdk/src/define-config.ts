/** The composition: which plugins a site runs, with which options. */
import type { Isolation, Plugin, PluginInstance } from './define-plugin.ts';
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
  /** Runs it behind a stronger wall than it asks for itself; never behind a weaker one. It must be named lazily or as text. */
  isolation?: Isolation;
  /** What it may keep in memory when it runs in a thread or process of its own, in MiB: its heap, and its buffers on top. Default 256. */
  memoryMb?: number;
  /** In place of the site's `budgets`. */
  budgets?: PluginBudgets;
}

/** What a plugin may take before the host does something about it: `docs/isolation.md`. 0 switches a budget off. */
export interface PluginBudgets {
  /** How long calls may hold the event loop of the kernel, ms; a single one in a window is forgiven. */
  blockMs?: number;
  /** Share of the kernel's time that its calls may hold, in percent. */
  busyPercent?: number;
  /** How long a consumer may take for a call, ms; 19 of 20 calls must be faster. */
  callMs?: number;
  /** Share of its calls that may fail, in percent. */
  errorPercent?: number;
  /** How often its thread or process may end within a window. */
  restarts?: number;
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
  auth?: {
    /** Sign-in is demanded of every request but probes, the site and the sign-in itself. */
    enabled?: boolean;
    sessionHours?: number;
    /** A session not used for longer is over; 0: however long. */
    idleMinutes?: number;
    cookieSecure?: boolean;
    /** Addresses and networks of proxies whose word counts on where a request comes from. */
    trustedProxies?: readonly string[];
    /** The first administrator, made when there is no user yet. */
    bootstrapUser?: string;
    bootstrapPassword?: string;
  };
  /** Where browsers reach this server, as `https://nvr.example.org`. */
  publicUrl?: string;
  /** Sign-in at another server: OpenID Connect. */
  oidc?: {
    /** As `https://login.example.org/realms/main`; unset: there is none. */
    issuer?: string;
    clientId?: string;
    clientSecret?: string;
    scopes?: readonly string[];
    /** The claim that names groups. */
    roleClaim?: string;
    /** `group=role`; the first that fits counts. */
    roles?: readonly string[];
    /** Of who is in none of these groups; unset: is not let in. */
    defaultRole?: string;
  };
  secrets?: {
    /** What secrets in the database are sealed with: 32 bytes as hex digits or base64. Best left to the environment. */
    key?: string;
    /** A file with it, made when there is none. */
    keyFile?: string;
  };
  dataDir?: string;
  /** `sqlite://<path>`; default: `heldar.db` in the data folder. */
  databaseUrl?: string;
  recordingsDir?: string;
  /** The second copy of recordings, best on a disk of its own; none when left out. */
  mirrorDir?: string;
  /** What armed cameras keep from before a trigger; nobody else's files. */
  ringDir?: string;
  /** Stills: evidence, and those of schedules. */
  snapshotsDir?: string;
  /** Sampled frames. */
  framesDir?: string;
  /** Exported clips. */
  clipsDir?: string;
  /** Review sessions. */
  playbackDir?: string;
  recorder?: {
    enabled?: boolean;
    /** Further places for recordings, each `name=/absolute/path`. */
    roots?: readonly string[];
    indexerIntervalSeconds?: number;
    /** How long at most until it is looked again whether a recording window is open. */
    scheduleCheckSeconds?: number;
  };
  /** Stills at intervals. */
  snapshotScheduler?: { enabled?: boolean; intervalSeconds?: number };
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
    /** 0: they stay. */
    snapshotHours?: number;
    /** 0: no limit. */
    maxClipsGb?: number;
    /** 0: no limit. */
    maxMirrorGb?: number;
    /** 0: none. */
    minFreeMirrorGb?: number;
    /** Recordings that can't be read; 0: they stay. */
    quarantineDays?: number;
  };
  playback?: {
    /** How long a review session lives. */
    sessionTtlMinutes?: number;
    /** The longest window of one. */
    maxSeconds?: number;
    /** 0: clips stay. */
    clipRetentionHours?: number;
    /** Clips and sessions that are made at once. */
    jobs?: number;
    /** Share of one core that previews may take; 0: none are made. */
    previewCpuPercent?: number;
  };
  live?: { transcodeEngine?: string };
  /** Checks of drives and arrays. */
  disks?: { checkIntervalSeconds?: number };
  /** The network by which this node is reached from elsewhere. */
  overlay?: { enabled?: boolean; kind?: string; iface?: string };
  /** A name on the PATH or a path. */
  media?: { ffmpegBin?: string; ffprobeBin?: string };
  /** What every plugin may take before it is warned, slowed down, moved to a thread or a process of its own, and in the end stopped. */
  budgets?: PluginBudgets & {
    /** Off: nothing is measured against the budgets. */
    enabled?: boolean;
    /** Length of the window that is judged. */
    windowSeconds?: number;
  };
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
