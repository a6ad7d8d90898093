/** What can a test do to a plugin and see of it? */
import type { Json, Severity, SiteSettings } from '@heldar/plugin-sdk';
import type { InjectedRequest } from '../http/inject.ts';
import type { Kernel } from '../kernel.ts';
import type { ReadDb } from '../store/store.ts';
import type { SeenBatch, SeenObject } from './batches.ts';
import type { LogLine } from './kernel-run.ts';
import type { Problem } from './problems.ts';
import type { ImportedPlugin } from './wrap-plugin.ts';

export interface TestHostOptions {
  /** As the test imports them: `parking`, or `parking({ graceMinutes: 1 })`. */
  readonly plugins: readonly ImportedPlugin[];
  /** Created at the start; they record nothing. Default `['gate']`. */
  readonly cameras?: readonly string[];
  /** What the clock shows at first, ms since the epoch; default 2026-01-01T00:00:00Z. */
  readonly startAt?: number;
  readonly settings?: Omit<SiteSettings, 'dataDir' | 'databaseUrl'>;
  /** How long a step may take until everything has come to rest, ms of real time; default 20 s. */
  readonly settleMs?: number;
}

/** An entry of the journal. */
export interface TestEvent {
  readonly seq: number;
  readonly id: string;
  /** `parking.overstay`. */
  readonly type: string;
  readonly cameraId: string | null;
  readonly severity: Severity;
  /** ms since the epoch. */
  readonly timestamp: number;
  readonly payload: Json;
  /** The plugin's name, `worker` or `kernel`. */
  readonly source: string;
}

/** What a consumer or handler could not process. */
export interface ParkedWork {
  readonly id: string;
  readonly plugin: string;
  /** Of the consumer or handler. */
  readonly consumer: string;
  readonly kind: 'record' | 'tick' | 'event';
  /** Of the record or event; T of a tick. */
  readonly seq: number;
  readonly error: string;
  readonly attempts: number;
}

export interface IngestOptions {
  /** Without one, a batch that is posted twice counts twice. */
  readonly frameId?: string;
  /** Capture time, ms since the epoch; default: now. */
  readonly at?: number;
}

/** Every method resolves when everything has come to rest: consumers, ticks, handlers, jobs, commits. What waits for time waits for `advance`. */
export interface TestHost extends AsyncDisposable {
  /** What the clock shows, ms since the epoch. */
  readonly now: number;
  /** Posts a batch as a worker does. @throws when the kernel refuses it. */
  ingest(
    camera: string,
    taskType: string,
    detections: readonly SeenObject[],
    options?: IngestOptions,
  ): Promise<{ duplicate: boolean }>;
  /** Posts batches one after the other, each at its time. */
  tape(batches: readonly SeenBatch[]): Promise<void>;
  /** Moves the clock, ms or `'2m'`: ticks, jobs and tries that fall due on the way run in order. */
  advance(by: number | string): Promise<void>;
  /** A request without a socket: `http('/api/v1/plugins/parking/visits')`. */
  http(path: string, request?: InjectedRequest): Promise<Response>;
  /** The journal, oldest first. */
  events(type?: string): TestEvent[];
  /** Rows of a query, on a connection that can't write. */
  rows<Row = Record<string, unknown>>(sql: string, ...params: readonly unknown[]): Row[];
  /** drizzle on the same connection. */
  readonly db: ReadDb;
  /**
   * The durable state of a consumer's lane by key: `state('visits')`, or of one of several cameras: `state('zones', 'gate')`.
   * @throws HeldarError `usage` when the name fits several consumers or lanes.
   */
  state(consumer: string, camera?: string): Record<string, Json>;
  /** What could not be processed, oldest first. */
  parked(): ParkedWork[];
  /** What plugins did wrong so far: calls that failed, errors nobody caught, uses after dispose, errors they logged. */
  problems(): Problem[];
  /** Lines of the kernel's log so far. */
  log(): readonly LogLine[];
  stop(): Promise<void>;
  /** Starts it again after `stop`, on the same store. */
  start(): Promise<void>;
  /** Stops and starts. */
  restart(): Promise<void>;
  /** Ends as SIGKILL would and starts again: what is not committed is gone, log and cursors are kept, no running call is waited for. */
  crashAndRestart(): Promise<void>;
  /**
   * Puts other code, or the same with other options, in place of the plugin of that name while it works, as a reload does.
   * @throws HeldarError `plugin_failed` when it is refused; what ran before serves on.
   */
  swap(next: ImportedPlugin): Promise<void>;
  /** The kernel that runs now, for what is not offered here. */
  readonly kernel: Kernel;
}
