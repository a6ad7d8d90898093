/** One life of the kernel under a test: from its start until it is stopped or killed. */
import type { PluginInstance, SiteSettings } from '@heldar/plugin-sdk';
import { readPluginEntry } from '../config/plugin-source.ts';
import { HeldarError } from '../errors.ts';
import { createKernel, type Kernel } from '../kernel.ts';
import { describeFailure } from '../plugins/failure.ts';
import type { Store } from '../store/store.ts';
import { viewClock } from './clock-view.ts';
import type { FakeClock } from './fake-clock.ts';
import { noteIds } from './random-ids.ts';
import { turns } from './settle.ts';
import { wrapPlugin, type Around, type ImportedPlugin, type PluginCall } from './wrap-plugin.ts';

/** A line of the kernel's log. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [member: string]: unknown;
}

export interface RunOptions {
  /** The site's: database, logs, stills. */
  readonly folder: string;
  readonly plugins: readonly ImportedPlugin[];
  readonly settings: SiteSettings;
  readonly clock: FakeClock;
  readonly onLog: (line: LogLine) => void;
  readonly around: Around;
  readonly wrapStore: (store: Store) => Store;
  /** Gets the ids that do not follow from the log. */
  readonly randomIds: Set<string>;
}

export interface KernelRun {
  readonly kernel: Kernel;
  /** @throws HeldarError `plugin_failed` with the host's text when a plugin does not run. */
  start(): Promise<void>;
  /** Nothing goes on until time passes. */
  isSettled(): boolean;
  /** What goes on, for people. */
  busy(): string;
  /** Ends as SIGKILL would, as far as one process can; also while it starts. */
  kill(): Promise<void>;
  /** Puts it in place of the plugin of that name. @throws HeldarError `plugin_failed` with the host's text; what ran before serves on. */
  swap(plugin: ImportedPlugin): Promise<void>;
  stop(): Promise<void>;
}

export function createRun(options: RunOptions): KernelRun {
  const { folder, settings } = options;
  const calls = new Set<PluginCall>();
  const { clock, cut } = viewClock(options.clock);
  let isCut = false;
  let store: Store | null = null;
  let starting: Promise<void> = Promise.resolve();
  const around: Around = {
    ...countCalls(calls, options.around, () => isCut),
    tx: (tx) => noteIds(tx, options.randomIds),
  };
  const kernel = createKernel({
    config: {
      ...settings,
      // Under a clock that jumps a window says nothing; tests of failing consumers are not to be slowed down.
      budgets: { enabled: false, ...settings.budgets },
      dataDir: folder,
      api: { ...settings.api, host: '127.0.0.1', port: 0 },
      retention: { intervalSeconds: 3600, ...settings.retention },
      plugins: options.plugins.map((plugin) => wrapPlugin(plugin, around)),
    },
    cwd: folder,
    env: {},
    environment: 'test',
    clock,
    random: () => 0.5,
    logTo: {
      write(line) {
        if (!isCut) options.onLog(JSON.parse(line) as LogLine);
      },
    },
    blockLimitMs: null,
    media: false,
    // Whoever moves the clock looks for due ticks at each step.
    sweepMs: { ticks: 3_600_000, cursors: 3_600_000 },
    wrapStore(opened) {
      store = opened;
      return options.wrapStore(opened);
    },
  });
  return {
    kernel,
    async start() {
      await (starting = kernel.start());
      if (isCut) return;
      try {
        refuseFailed(kernel);
      } catch (error) {
        await kernel.stop();
        throw error;
      }
    },
    isSettled: () => kernel.isSettled() && ![...calls].some(({ kind }) => kind === 'job'),
    busy: () => describeWork(kernel, calls),
    async kill() {
      isCut = true;
      cut();
      await store?.committer.abandon();
      await starting.then(
        () => kernel.kill(),
        () => undefined,
      );
      // What the process had open would be gone with it; here it gets time to end, and nobody waits for what hangs.
      await Promise.race([kernel.stop(), turns(100)]);
    },
    swap: (plugin) => swap(kernel, wrapPlugin(plugin, around), folder),
    stop: () => kernel.stop(),
  };
}

async function swap(kernel: Kernel, plugin: PluginInstance, folder: string): Promise<void> {
  const named = readPluginEntry(plugin, folder);
  const { name } = plugin.plugin.definition;
  const running = kernel.plugins().find((other) => other.name === name)?.entry;
  if (named === null || running === undefined || running === null)
    throw new HeldarError('usage', `no plugin ${name} runs that could be swapped; name it in createTestHost`);
  const { failure, drained } = await kernel.changePlugin({ kind: 'put', entry: { ...running, ...named } });
  if (failure !== null) throw new HeldarError('plugin_failed', describeFailure(name, '', failure, 0));
  await drained;
}

/** What a killed kernel would still call is not called. */
function countCalls(calls: Set<PluginCall>, around: Around, isDead: () => boolean): Around {
  return {
    ...around,
    call(call, run) {
      if (isDead() && call.kind !== 'dispose') throw new Error('the kernel was killed');
      calls.add(call);
      const done = () => void calls.delete(call);
      try {
        const result = around.call === undefined ? run() : around.call(call, run);
        if (result instanceof Promise) void result.finally(done).catch(() => undefined);
        else done();
        return result;
      } catch (error) {
        done();
        throw error;
      }
    },
  };
}

function refuseFailed(kernel: Kernel): void {
  const plugins = kernel.plugins();
  const serving = plugins.filter(({ state }) => state === 'running').length;
  const failed = plugins.flatMap(({ name, version, failure }) =>
    failure === null ? [] : [describeFailure(name, version, failure, serving)],
  );
  if (failed.length > 0) throw new HeldarError('plugin_failed', failed.join('\n'));
}

function describeWork(kernel: Kernel, calls: ReadonlySet<PluginCall>): string {
  const open = [...calls].map(({ kind, plugin, name, cause }) =>
    `${plugin}: ${kind} ${name} ${cause}`.trim(),
  );
  if (open.length > 0)
    return `${open.join('; ')} has not ended; await only what a test lets happen, or move the clock: host.advance(…)`;
  return kernel.isSettled() ? 'a job has not ended' : 'the store is still writing';
}
