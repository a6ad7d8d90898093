/** What runs, in which order: the only wiring of the kernel. */
import type { AddressInfo } from 'node:net';
import type { HeldarConfig } from '@heldar/plugin-sdk';
import type Koa from 'koa';
import type { DestinationStream } from 'pino';
import { openAccess } from './boot/access.ts';
import { createLogFeed } from './boot/log-feed.ts';
import { endLeftProcesses, prepareFolders, startLogRetention, startMedia } from './boot/loops.ts';
import { createMediaPlane } from './boot/media-plane.ts';
import {
  createHost,
  createOffer,
  logConsumerFailure,
  migrateAll,
  noteQuarantine,
  ownerOfKernel,
} from './boot/plugin-plane.ts';
import { createKernelRoutes } from './boot/routes.ts';
import { sealPlainSecrets } from './boot/seal-secrets.ts';
import { createCameraRegistry } from './cameras/registry.ts';
import { systemClock, type Clock } from './clock.ts';
import { databaseFileOf } from './config/database-url.ts';
import { loadConfig, type ResolvedConfig } from './config/load-config.ts';
import type { ResolvedPlugins } from './config/resolve-plugins.ts';
import { createDispatcher, type Dispatcher, type SweepIntervals } from './detections/dispatcher.ts';
import { createIngest } from './detections/ingest.ts';
import { HeldarError, messageOf } from './errors.ts';
import { createEventHandlers, type EventHandlers } from './events/handlers.ts';
import { createJournal } from './events/journal.ts';
import type { InjectedRequest } from './http/inject.ts';
import type { ListedRoute } from './http/mounts.ts';
import { createHttp, type Http } from './http/server.ts';
import { createLog } from './log.ts';
import { findMediaTools, noMediaTools } from './media/tools.ts';
import { readDisk } from './observe/disk.ts';
import { createLagHistogram } from './observe/lag.ts';
import { monitorLoopDelay } from './observe/loop-delay.ts';
import { createMetrics } from './observe/metrics.ts';
import { createRuntimeSample } from './observe/runtime-sample.ts';
import { createBudgetWatch } from './plugins/budget-watch.ts';
import type { ChangeOutcome, PluginChange } from './plugins/changes.ts';
import type { HostedPlugin, PluginHost } from './plugins/host.ts';
import { openQuarantine } from './plugins/quarantine.ts';
import type { PluginLimits } from './plugins/limits.ts';
import { createImportLoader, type ModuleLoader } from './plugins/module-loader.ts';
import { createServices } from './plugins/services.ts';
import { recordTx } from './plugins/tx.ts';
import { createBootTrace } from './runtime/boot-trace.ts';
import { createLifecycle } from './runtime/lifecycle.ts';
import { noWatch, startWatchdog, type Watch } from './runtime/watchdog.ts';
import { openKeyring } from './secrets/keyring.ts';
import { lockDataFolder } from './store/lock.ts';
import { createMetricsQueries } from './store/metrics-queries.ts';
import { openStore, type Store } from './store/store.ts';
import { kernelVersion } from './version.ts';

export interface KernelOptions {
  /** The composition: an object, or a file; default the nearest `heldar.config.ts`. */
  readonly config?: HeldarConfig | string;
  /** Default: the working directory. */
  readonly cwd?: string;
  /** `HELDAR_*` variables; default those of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly environment?: string;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Where log lines go; default standard error. */
  readonly logTo?: DestinationStream;
  /** What happens when a plugin blocks the event loop for this long: the process ends. null: nothing watches. Default 10 s. */
  readonly blockLimitMs?: number | null;
  /** How long a plugin's import, setup and the like may take. */
  readonly pluginLimits?: Partial<PluginLimits>;
  /** false: nothing is recorded or sampled, and no ffmpeg is needed. Default true. */
  readonly media?: boolean;
  /** Stands between the kernel and its store: a test delays commits there, or breaks them off. */
  readonly wrapStore?: (store: Store) => Store;
  /** How often lanes are looked at, for a test that looks itself when the clock moves. */
  readonly sweepMs?: SweepIntervals;
  /** How plugins' code gets into memory; default Node's own import. */
  readonly loader?: ModuleLoader;
}

export interface Kernel {
  /** Resolves when everything runs and the socket is open. On failure all that had started is stopped first. */
  start(): Promise<void>;
  /** Stops in reverse; may be called twice. */
  stop(): Promise<void>;
  /** Serves a request without a socket. */
  inject(path: string, request?: InjectedRequest): Promise<Response>;
  readonly app: Koa;
  readonly address: AddressInfo;
  readonly config: ResolvedConfig;
  plugins(): readonly HostedPlugin[];
  /** Changes which plugins run, and how; the rest serves on. @throws HeldarError as `Changes.apply` does. */
  changePlugin(change: PluginChange): Promise<ChangeOutcome>;
  /** What the site wants from now on; `changePlugin` makes it so. */
  adoptComposition(plugins: ResolvedPlugins): void;
  /** What is served: the kernel's routes and those of running plugins. */
  routes(): readonly ListedRoute[];
  /** Time of each boot step, as a tree. */
  bootTrace(): { text: string; totalMs: number };
  /** Resolves when consumers and handlers have done all they can do now. */
  quiet(): Promise<void>;
  /** Nothing of consumers and handlers goes on until time passes: what failed may wait for its next try. */
  isSettled(): boolean;
  /** When the next tick of a consumer is due, log time in ms; null: none. */
  nextTick(): number | null;
  /** Ends as SIGKILL would, as far as one process can: what is not committed is gone, nobody's call is waited for. Then it may be stopped. */
  kill(): Promise<void>;
}

/** How long one part may take to stop, ms. */
const stopLimitMs = 15_000;
/** How long requests under way may go on while stopping, ms. */
const requestDeadlineMs = 5_000;

/**
 * @example
 * const kernel = createKernel({ config: { plugins: [zones()] }, env: { HELDAR_DATA_DIR: folder } });
 * await kernel.start();
 */
export function createKernel(options: KernelOptions = {}): Kernel {
  const { clock = systemClock, random = Math.random, env = process.env, cwd = process.cwd() } = options;
  const trace = createBootTrace(() => clock.monotonic());
  let running: Running | null = null;
  const lifecycle = createLifecycle({
    stepLimitMs: stopLimitMs,
    onProblem: (part, problem) => running?.log.error({ part, problem }, 'a part did not stop cleanly'),
  });
  const started = (): Running => {
    if (running === null) throw new HeldarError('unavailable', 'the kernel has not been started');
    return running;
  };

  return {
    async start() {
      if (running !== null) throw new HeldarError('usage', 'the kernel has been started already');
      try {
        running = await boot({ ...options, clock, random, env, cwd }, trace, lifecycle);
      } catch (error) {
        await lifecycle.stop();
        throw error;
      }
    },
    stop: () => lifecycle.stop(),
    inject: (path, request) => started().http.inject(path, request),
    get app() {
      return started().http.app;
    },
    get address() {
      return started().address;
    },
    get config() {
      return started().config;
    },
    plugins: () => started().host.list(),
    changePlugin: (change) => started().host.change(change),
    adoptComposition: (plugins) => started().host.adopt(plugins),
    routes: () => started().http.routes(),
    bootTrace: () => ({ text: trace.print(), totalMs: trace.totalMs }),
    async quiet() {
      const { dispatcher, handlers } = started();
      await dispatcher.quiet();
      while (!handlers.isQuiet()) {
        // A handler may wait for something outside: the event loop has to turn.
        await new Promise((resolve) => setTimeout(resolve, 1));
        await dispatcher.quiet();
      }
    },
    isSettled: () => started().dispatcher.isSettled() && started().handlers.isSettled(),
    nextTick: () => started().dispatcher.nextTick(),
    kill: () => started().kill(),
  };
}

interface Running {
  readonly http: Http;
  readonly address: AddressInfo;
  readonly config: ResolvedConfig;
  readonly dispatcher: Dispatcher;
  readonly handlers: EventHandlers;
  readonly log: ReturnType<typeof createLog>;
  readonly host: PluginHost;
  kill(): Promise<void>;
}

type BootOptions = KernelOptions & Required<Pick<KernelOptions, 'clock' | 'random' | 'env' | 'cwd'>>;

async function boot(
  options: BootOptions,
  trace: ReturnType<typeof createBootTrace>,
  lifecycle: ReturnType<typeof createLifecycle>,
): Promise<Running> {
  const { clock, random } = options;
  const config = await trace.step('configuration', () => readConfig(options));
  const { settings } = config;
  const log = createLog(settings.log, options.logTo);
  for (const warning of config.warnings) log.warn(warning);
  const withMedia = options.media ?? true;
  // Programs are asked for their versions while plugins load.
  const findingTools = withMedia ? findMediaTools(settings.media) : Promise.resolve(noMediaTools);
  findingTools.catch(() => undefined);
  trace.step('folders', () => prepareFolders(settings));
  const lock = trace.step('lock the data folder', () => lockDataFolder(settings.dataDir));
  lifecycle.onStop('data folder', () => lock.release());

  const quarantine = openQuarantine(settings.dataDir);
  const blocked = quarantine.takeReport();
  const budgets = createBudgetWatch({ clock, settings: settings.budgets });
  const watch = budgets.around(startWatch(options, quarantine.reportFile, lifecycle));
  const { cwd, pluginLimits: limits = {}, loader = createImportLoader() } = options;
  const host = createHost({ config, cwd, clock, watch, trace, log, quarantine, limits, loader });
  // Also what a start that fails leaves behind; once more, before the store closes, when there is something to stop.
  lifecycle.onStop('plugin host', () => host.stop());
  await trace.step('plugins: load', () => host.load());
  const tools = await trace.step('media tools', () => findingTools);
  const file = databaseFileOf(settings.databaseUrl);
  await trace.step('migrations', () => migrateAll(file, clock, host, trace, watch));

  const feed = createLogFeed((error) => {
    log.error({ reason: messageOf(error) }, 'the writer thread ended; nothing can be stored any more');
    process.exitCode = 1;
    process.kill(process.pid, 'SIGTERM');
  });
  const keyring = trace.step('secrets', () => openKeyring(file, settings.secrets));
  const { wrapStore = (opened: Store) => opened } = options;
  const store = wrapStore(
    await trace.step('store', () => openStore({ file, clock, keyring, listeners: feed.listeners })),
  );
  lifecycle.onStop('store', () => store.close());
  await sealPlainSecrets(store, log);

  const registry = createCameraRegistry({ store });
  const journal = createJournal();
  const media = createMediaPlane({ store, registry, journal, settings, tools, clock, random, log });
  const lag = createLagHistogram();
  const dispatcher = createDispatcher({
    store,
    clock,
    random,
    watch,
    evidence: media.evidence,
    sweepMs: options.sweepMs,
    paceOf: (plugin) => budgets.paceOf(plugin),
    onFailed(consumer, failed) {
      budgets.failed(consumer.plugin);
      logConsumerFailure(log, host, consumer, failed);
    },
    onApplied: (consumer, lagMs) => lag.observe(consumer.plugin, consumer.name, lagMs),
  });
  lifecycle.onStop('dispatcher', () => dispatcher.stop());
  const handlers = createEventHandlers({
    store,
    clock,
    random,
    watch,
    onFailed(plugin, handler, error, attempts, parked) {
      budgets.failed(plugin);
      log.warn(
        { plugin, handler, attempts, parked, reason: messageOf(error), place: host.placeOf(plugin, error) },
        'an event handler failed',
      );
    },
  });
  lifecycle.onStop('event handlers', () => handlers.stop());
  feed.connect({ registry, dispatcher, handlers, journal });
  if (blocked !== null) await noteQuarantine(store, log, blocked, clock.now());

  const ingest = createIngest({
    store,
    camera: (id) => registry.get(id),
    frameOf: (id, frameId) => media.samplers.resolve(id, frameId) ?? null,
  });
  const loopDelay = monitorLoopDelay();
  lifecycle.onStop('loop delay', () => loopDelay.stop());
  const metrics = createMetrics({
    version: kernelVersion,
    clock,
    store: createMetricsQueries(store.reader),
    disk: () => readDisk(settings.recordingsDir),
    runtime: createRuntimeSample({ store, ingest, dispatcher, host, budgets, http: () => http, loopDelay }),
    observed: [lag],
  });
  const kernelOwner = ownerOfKernel(registry);
  const access = await openAccess({ store, settings, registry, clock, log, lifecycle });
  const http: Http = createHttp({
    clock,
    log: log.part('http'),
    corsOrigins: settings.api.corsOrigins,
    routes: createKernelRoutes({
      store,
      clock,
      settings,
      registry,
      media,
      tools,
      ingest,
      dispatcher,
      handlers,
      journal,
      metrics,
      host,
      budgets,
      served: () => http.served,
      access,
    }),
    ...access.http,
    effects: () => recordTx(kernelOwner, clock.now()),
    commitChange: (unit) => store.commit({ ...unit, camerasMustExist: true }),
  });
  lifecycle.onStop('http', () => http.stop(requestDeadlineMs));
  if (withMedia) await trace.step('left processes', () => endLeftProcesses(media, log));
  const address = await trace.step('listen', () => http.listen(settings.api));

  const services = createServices();
  lifecycle.onStop('plugins', () => host.stop());
  await trace.step('plugins: start', () =>
    host.start({
      root: createOffer({ store, log, registry, services }),
      store,
      clock,
      watch,
      dispatcher,
      handlers,
      services,
      siteOf: kernelOwner.siteOf,
      onCamerasChange: (listener) => registry.onChange(listener),
      mountRoutes: (owner, routes) =>
        http.mountPlugin(owner.plugin, routes, () => recordTx(owner, clock.now())),
      checkRoutes: (owner, routes) => http.checkPlugin(owner.plugin, routes),
      holdRequests: (plugin) => http.holdPlugin(plugin),
      onJobFailed(plugin, job, error) {
        budgets.failed(plugin);
        log.warn(
          { plugin, job, reason: messageOf(error), place: host.placeOf(plugin, error) },
          'a job failed',
        );
      },
    }),
  );
  dispatcher.start();
  budgets.start({ host, store, log });
  lifecycle.onStop('budgets', () => budgets.stop());
  if (withMedia) await trace.step('media', () => startMedia(media, lifecycle));
  startLogRetention({ store, clock, settings, log, lifecycle });

  const serving = host.list().filter(({ state }) => state === 'running').length;
  log.info({ address: `http://${settings.api.host}:${address.port}`, plugins: serving }, 'heldar is running');
  const kill = async () => {
    await store.committer.abandon();
    lock.release();
  };
  return {
    http,
    address,
    config,
    dispatcher,
    handlers,
    log,
    host,
    kill,
  };
}

function readConfig({ config, cwd, env, environment }: BootOptions): Promise<ResolvedConfig> {
  return loadConfig({
    cwd,
    env,
    environment,
    ...(typeof config === 'string' ? { file: config } : {}),
    ...(typeof config === 'object' ? { config } : {}),
  });
}

function startWatch(
  options: BootOptions,
  reportFile: string,
  lifecycle: ReturnType<typeof createLifecycle>,
): Watch {
  const { blockLimitMs = 10_000 } = options;
  if (blockLimitMs === null) return noWatch;
  const watchdog = startWatchdog({ reportFile, limitMs: blockLimitMs });
  lifecycle.onStop('watchdog', () => watchdog.stop());
  return watchdog;
}
