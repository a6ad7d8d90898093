/** A real kernel for the tests of plugins: on a store of its own, under a clock that only the test moves, without a socket or ffmpeg. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPluginInstance, type Json, type Severity, type SiteSettings } from '@heldar/plugin-sdk';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { parseInterval } from '../detections/ticks.ts';
import { HeldarError } from '../errors.ts';
import type { InjectedRequest } from '../http/inject.ts';
import type { Kernel } from '../kernel.ts';
import { openReader } from '../store/database.ts';
import { readJournal } from '../store/inspection.ts';
import { createParkedQueries } from '../store/parked-queries.ts';
import type { ReadDb, Store } from '../store/store.ts';
import type { SeenBatch, SeenObject } from './batches.ts';
import { createFakeClock } from './fake-clock.ts';
import { createRun, type KernelRun, type LogLine } from './kernel-run.ts';
import { stateOf } from './lane-states.ts';
import { problemOf, type Problem } from './problems.ts';
import { settle, turns } from './settle.ts';
import type { Around, ImportedPlugin } from './wrap-plugin.ts';

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

/**
 * @example
 * await using host = await createTestHost({ plugins: [parking({ graceMinutes: 1 })], cameras: ['gate'] });
 * await host.ingest('gate', 'anpr', [{ label: 'car', attributes: { plate: 'ABC1' } }]);
 * await host.advance('2m');
 * expect(host.events('parking.overstay')).toHaveLength(1);
 *
 * @throws HeldarError `plugin_failed` with what the terminal would show, when a plugin does not start.
 */
export async function createTestHost(options: TestHostOptions): Promise<TestHost> {
  return openTestHost(options);
}

/** Where a conformance case gets in between. */
export interface TestSeams {
  readonly around?: Around;
  readonly wrapStore?: (store: Store) => Store;
  /** A folder to begin with, copied; its cameras are there already. */
  readonly from?: string;
}

export interface SeamedHost extends TestHost {
  readonly folder: string;
  /** Ids made by handlers, jobs and routes, which another run makes otherwise. */
  readonly randomIds: ReadonlySet<string>;
  /** Kills what runs, at once; the step that is under way starts it again and goes on. */
  crash(): void;
  /** Begins a swap; the step that is under way ends when it has. */
  beginSwap(next: ImportedPlugin): void;
  /** Posts a batch and waits for the answer alone. */
  post(batch: SeenBatch): Promise<void>;
  /** Moves the clock and waits for nothing. */
  pass(ms: number): Promise<void>;
}

const defaultSettleMs = 20_000;

export async function openTestHost(options: TestHostOptions, seams: TestSeams = {}): Promise<SeamedHost> {
  const { cameras = ['gate'], settings = {}, settleMs = defaultSettleMs } = options;
  let { plugins } = options;
  const folder = mkdtempSync(join(tmpdir(), 'heldar-host-'));
  if (seams.from !== undefined) cpSync(seams.from, folder, { recursive: true });
  const clock = createFakeClock(options.startAt);
  const names = new Set(plugins.map((entry) => nameOf(entry)));
  const log: LogLine[] = [];
  const randomIds = new Set<string>();
  const boot = () =>
    createRun({
      folder,
      plugins,
      settings,
      clock,
      onLog: (line) => void log.push(line),
      around: seams.around ?? {},
      wrapStore: seams.wrapStore ?? ((store) => store),
      randomIds,
    });
  const life = createLife(boot, settleMs);
  const removeFolder = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  await life.start().catch((error: unknown) => {
    removeFolder();
    throw error;
  });
  const reader = openReader(join(folder, 'heldar.db'));
  const parked = createParkedQueries(reader);
  const call = createCall(life);
  const swap = async (next: ImportedPlugin) => {
    await life.run().swap(next);
    plugins = plugins.map((entry) => (nameOf(entry) === nameOf(next) ? next : entry));
  };

  const host: SeamedHost = {
    folder,
    randomIds,
    get now() {
      return clock.now();
    },
    async ingest(camera, taskType, detections, rest = {}) {
      const seen = { camera, taskType, detections, ...rest };
      const answer = await call('/api/v1/ai/events', bodyOf(seen));
      return { duplicate: (answer as { duplicate?: true }).duplicate === true };
    },
    async tape(batches) {
      for (const { camera, taskType, detections, afterMs = 0, ...rest } of batches) {
        if (afterMs > 0) await host.advance(afterMs);
        await host.ingest(camera, taskType, detections, rest);
      }
    },
    async advance(by) {
      const ms = typeof by === 'number' ? by : parseInterval(by, 'host.advance');
      await life.settle();
      await clock.advance(ms, life.settle);
      await life.settle();
    },
    async http(path, request) {
      const response = await life.run().kernel.inject(path, request);
      await life.settle();
      return response;
    },
    events: (type) => readEvents(reader, type),
    rows: <Row>(sql: string, ...params: readonly unknown[]) => reader.prepare(sql).all(...params) as Row[],
    db: drizzle({ client: reader }),
    state: (consumer, camera) => stateOf(reader, consumer, camera),
    parked: () =>
      parked.list(1000).map(({ id, plugin, consumer, kind, seq, error, attempts }) => ({
        id,
        plugin,
        consumer,
        kind,
        seq,
        error,
        attempts,
      })),
    problems: () => log.map((line) => problemOf(line, names)).filter((problem) => problem !== null),
    log: () => log,
    stop: () => life.stop(),
    start: () => life.start(),
    async restart() {
      await life.stop();
      await life.start();
    },
    async crashAndRestart() {
      life.crash();
      await life.settle();
    },
    async swap(next) {
      await swap(next);
      await life.settle();
    },
    crash: () => life.crash(),
    beginSwap: (next) => life.attend(swap(next)),
    async post(seen) {
      await inject(life, '/api/v1/ai/events', bodyOf(seen));
    },
    pass: (ms) => clock.advance(ms),
    get kernel() {
      return life.run().kernel;
    },
    async [Symbol.asyncDispose]() {
      await life.stop();
      reader.close();
      removeFolder();
    },
  };
  if (seams.from === undefined)
    for (const id of cameras) await call('/api/v1/cameras', { id, name: id, record_enabled: false }, 201);
  return host;
}

function nameOf(entry: ImportedPlugin): string {
  return (isPluginInstance(entry) ? entry.plugin : entry).definition.name;
}

/** One kernel after the other on the same folder. */
interface Life {
  /** @throws HeldarError `usage` while it is stopped. */
  run(): KernelRun;
  start(): Promise<void>;
  stop(): Promise<void>;
  crash(): void;
  /** The step that is under way ends when this has. */
  attend(work: Promise<void>): void;
  /** How often it was killed. */
  readonly crashes: number;
  /** Starts again what was killed, and resolves when nothing goes on. */
  readonly settle: () => Promise<void>;
}

function createLife(boot: () => KernelRun, settleMs: number): Life {
  let run: KernelRun | null = null;
  let dying: Promise<void> | null = null;
  const attended = new Set<Promise<void>>();
  let crashes = 0;
  const current = (): KernelRun => {
    if (run === null) throw new HeldarError('usage', 'the test host is stopped; start it: host.start()');
    return run;
  };
  const revive = async () => {
    while (dying !== null) {
      const ending = dying;
      await ending;
      if (dying !== ending) continue;
      dying = null;
      await startNext();
    }
  };
  /** It may be killed before it has started. */
  const startNext = async () => {
    run = boot();
    await run.start().catch((error: unknown) => {
      if (dying === null) throw error;
    });
  };
  const comeToRest = async () => {
    if (run === null && dying === null) return;
    do {
      await revive();
      await Promise.all(attended);
      await settle(
        () => dying !== null || attended.size > 0 || current().isSettled(),
        settleMs,
        () => current().busy(),
      );
    } while (dying !== null || attended.size > 0);
  };
  return {
    run: current,
    async start() {
      if (run !== null) throw new HeldarError('usage', 'the test host runs already');
      await startNext().catch((error: unknown) => {
        run = null;
        throw error;
      });
      await comeToRest();
    },
    async stop() {
      await dying;
      dying = null;
      await run?.stop();
      await turns(1);
      run = null;
    },
    crash() {
      if (dying !== null) return;
      crashes += 1;
      dying = current().kill();
    },
    attend(work) {
      const done = work.finally(() => attended.delete(done));
      attended.add(done);
    },
    get crashes() {
      return crashes;
    },
    settle: comeToRest,
  };
}

function bodyOf({ camera, taskType, detections, frameId, at }: SeenBatch): object {
  return {
    camera_id: camera,
    task_type: taskType,
    detections,
    ...(frameId === undefined ? {} : { frame_id: frameId }),
    ...(at === undefined ? {} : { timestamp: new Date(at).toISOString() }),
  };
}

/** Posts, and sends it again when the kernel was killed before it answered: so does a worker. */
function createCall(life: Life) {
  return async (path: string, body: unknown, expected = 200): Promise<unknown> => {
    for (;;) {
      const before = life.crashes;
      try {
        return await inject(life, path, body, expected);
      } catch (error) {
        if (life.crashes === before) throw error;
      } finally {
        await life.settle();
      }
    }
  };
}

async function inject(life: Life, path: string, body: unknown, expected = 200): Promise<unknown> {
  const response = await life.run().kernel.inject(path, { method: 'POST', body });
  const text = await response.text();
  if (response.status === expected) return text === '' ? undefined : (JSON.parse(text) as unknown);
  throw new HeldarError('bad_request', `POST ${path} was answered with ${response.status}: ${text}`);
}

function readEvents(reader: Parameters<typeof readJournal>[0], type: string | undefined): TestEvent[] {
  return readJournal(reader)
    .filter((row) => type === undefined || row.event_type === type)
    .map((row) => ({
      seq: row.seq,
      id: row.id,
      type: row.event_type,
      cameraId: row.camera_id,
      severity: row.severity as Severity,
      timestamp: row.at_ms,
      payload: JSON.parse(row.payload) as Json,
      source: row.source,
    }));
}
