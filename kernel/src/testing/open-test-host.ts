/** A real kernel for the tests of plugins: on a store of its own, under a clock that only the test moves, without a socket or ffmpeg. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPluginInstance } from '@heldar/plugin-sdk';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { parseInterval } from '../detections/ticks.ts';
import { openReader } from '../store/database.ts';
import { createParkedQueries } from '../store/parked-queries.ts';
import type { Store } from '../store/store.ts';
import type { SeenBatch } from './batches.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { readEvents } from './journal-events.ts';
import { createRun, type LogLine } from './kernel-run.ts';
import { stateOf } from './lane-states.ts';
import { createLife, type Life } from './life.ts';
import { problemOf } from './problems.ts';
import type { TestHost, TestHostOptions } from './test-host.ts';
import { bodyOf, ingestPath, post, postUntilAnswered } from './worker-posts.ts';
import type { Around, ImportedPlugin } from './wrap-plugin.ts';

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
      const answer = await postUntilAnswered(life, ingestPath, bodyOf(seen));
      return { duplicate: (answer as { duplicate?: true }).duplicate === true };
    },
    async tape(batches) {
      for (const { camera, taskType, detections, afterMs = 0, ...rest } of batches) {
        if (afterMs > 0) await host.advance(afterMs);
        await host.ingest(camera, taskType, detections, rest);
      }
    },
    async advance(by) {
      await advance(clock, life, typeof by === 'number' ? by : parseInterval(by, 'host.advance'));
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
      await post(life, ingestPath, bodyOf(seen));
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
  try {
    if (seams.from === undefined) for (const id of cameras) await addCamera(life, id);
    return host;
  } catch (error) {
    await host[Symbol.asyncDispose]();
    throw error;
  }
}

/** From one thing that falls due to the next. A tick at T runs as soon as T is over. */
async function advance(clock: FakeClock, life: Life, ms: number): Promise<void> {
  const end = clock.now() + ms;
  await life.settle();
  while (clock.now() < end) {
    const due = [life.nextTick(), clock.nextDue()].filter((at) => at !== null);
    const next = Math.max(clock.now(), Math.min(...due)) + 1;
    await clock.advance(Math.min(next, end) - clock.now(), life.settle);
    await life.settle();
  }
}

function addCamera(life: Life, id: string): Promise<unknown> {
  return postUntilAnswered(life, '/api/v1/cameras', { id, name: id, record_enabled: false }, 201);
}

function nameOf(entry: ImportedPlugin): string {
  return (isPluginInstance(entry) ? entry.plugin : entry).definition.name;
}
