/** What runs, in which order: the only wiring of the kernel. */
import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { HeldarConfig, Route } from '@heldar/plugin-sdk';
import type Koa from 'koa';
import type { DestinationStream } from 'pino';
import { everyCamera } from './auth/camera-scope.ts';
import { createCameraRegistry, type CameraRegistry } from './cameras/registry.ts';
import { systemClock, type Clock } from './clock.ts';
import { databaseFileOf } from './config/database-url.ts';
import { loadConfig, type ResolvedConfig } from './config/load-config.ts';
import { createDispatcher, type Dispatcher } from './detections/dispatcher.ts';
import { createIngest, type IngestedBatch } from './detections/ingest.ts';
import { makeBatch } from './detections/record.ts';
import { createLogRetention } from './detections/retention.ts';
import { HeldarError, messageOf } from './errors.ts';
import { createEventHandlers, type EventHandlers } from './events/handlers.ts';
import { createJournal } from './events/journal.ts';
import type { InjectedRequest } from './http/inject.ts';
import { detectionRoutes } from './http/routes/detections.ts';
import { ingestRoutes } from './http/routes/ingest.ts';
import { pluginRoutes } from './http/routes/plugins.ts';
import { createHttp, type Http } from './http/server.ts';
import { createLog } from './log.ts';
import { createEventTypes } from './plugins/event-types.ts';
import { describeFailure } from './plugins/failure.ts';
import { createPluginHost, type HostedPlugin } from './plugins/host.ts';
import { openQuarantine } from './plugins/quarantine.ts';
import { offerToken } from './plugins/scope.ts';
import { createServices } from './plugins/services.ts';
import { createRootContainer, provide } from './plugins/tokens.ts';
import { recordTx, type TxOwner } from './plugins/tx.ts';
import { createBootTrace } from './runtime/boot-trace.ts';
import { createLifecycle } from './runtime/lifecycle.ts';
import { startLoop } from './runtime/loop.ts';
import { noWatch, startWatchdog, type Watch } from './runtime/watchdog.ts';
import { openWriter } from './store/database.ts';
import { createDetectionQueries } from './store/detection-queries.ts';
import { kernelMigrations } from './store/kernel-migrations.ts';
import { lockDataFolder } from './store/lock.ts';
import { createLogQueries } from './store/log-queries.ts';
import { migrate } from './store/migrations/migrate.ts';
import { createParkedQueries } from './store/parked-queries.ts';
import { openStore } from './store/store.ts';
import { sdkVersion } from './version.ts';

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
  /** Time of each boot step, as a tree. */
  bootTrace(): { text: string; totalMs: number };
  /** Resolves when consumers and handlers have done all they can do now. */
  quiet(): Promise<void>;
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
    plugins: () => started().plugins(),
    bootTrace: () => ({ text: trace.print(), totalMs: trace.totalMs }),
    async quiet() {
      const { dispatcher, handlers } = started();
      do await dispatcher.quiet();
      while (!handlers.isQuiet());
    },
  };
}

interface Running {
  readonly http: Http;
  readonly address: AddressInfo;
  readonly config: ResolvedConfig;
  readonly dispatcher: Dispatcher;
  readonly handlers: EventHandlers;
  readonly log: ReturnType<typeof createLog>;
  plugins(): readonly HostedPlugin[];
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

  const folder = settings.dataDir;
  mkdirSync(folder, { recursive: true });
  const lock = trace.step('lock the data folder', () => lockDataFolder(folder));
  lifecycle.onStop('data folder', () => lock.release());
  const quarantine = openQuarantine(folder);
  const blocked = quarantine.takeReport();
  if (blocked !== null)
    log.error(
      { plugin: blocked.plugin, blockedMs: blocked.blockedMs },
      `${blocked.label} blocked the process; it stays out until released`,
    );

  const watch: Watch = startWatch(options, quarantine.reportFile, lifecycle);

  const host = createPluginHost({
    plugins: config,
    cwd: options.cwd,
    sdkVersion,
    kernelRoutes: [],
    clock,
    watch,
    trace,
    allowDrafts: config.environment !== 'production',
    quarantined: quarantine.entries(),
    onFailure(plugin) {
      if (plugin.failure === null) return;
      const serving = host.list().filter(({ state }) => state === 'running' || state === 'waiting').length;
      log.error(
        { plugin: plugin.name, stage: plugin.failure.stage },
        describeFailure(plugin.name, plugin.version, plugin.failure, serving),
      );
    },
  });
  await trace.step('plugins: load', () => host.load());

  const file = databaseFileOf(settings.databaseUrl);
  trace.step('migrations', () => {
    const db = openWriter(file);
    try {
      trace.step('migrate kernel', () => migrate(db, kernelMigrations(), { clock, allowDrafts: false }));
      host.migrate(db);
    } finally {
      db.close();
    }
  });

  const journal = createJournal();
  const store = await trace.step('store', () =>
    openStore({
      file,
      clock,
      listeners: {
        onBatch(unit, seq, received, attachment) {
          const { cameraId, body } = attachment as IngestedBatch;
          const row = {
            seq,
            site_id: unit.siteId,
            type: unit.taskType,
            frame_id: unit.frameId,
            at_ms: unit.atMs,
            received,
          };
          dispatcher.offer({
            kind: 'batch',
            seq,
            incarnation: unit.incarnation,
            received,
            batch: makeBatch(cameraId, row, body),
          });
        },
        onRecord(logged) {
          registry.apply(logged);
          const { seq, incarnation, received, type, cameraId, payload } = logged;
          dispatcher.offer({
            kind: 'record',
            seq,
            incarnation,
            received,
            record: { seq, type, cameraId, received, payload: JSON.parse(payload) as never },
          });
        },
        onJournal(head) {
          journal.advance(head);
          handlers.onJournal(head);
        },
        onSettled: () => dispatcher.onSettled(),
        onExit(error) {
          log.error({ err: error }, 'the writer thread ended; nothing can be stored any more');
          process.exitCode = 1;
          process.kill(process.pid, 'SIGTERM');
        },
      },
    }),
  );
  lifecycle.onStop('store', () => store.close());

  const registry: CameraRegistry = createCameraRegistry({ store });
  const dispatcher = createDispatcher({
    store,
    clock,
    random,
    watch,
    evidence: { pin() {}, keep() {}, drop() {} },
    onFailed(consumer, { lane, work, error, attempts, parked }) {
      log.warn(
        {
          plugin: consumer.plugin,
          consumer: consumer.name,
          lane,
          work,
          attempts,
          parked,
          reason: messageOf(error),
        },
        parked
          ? 'a consumer failed for good; what it failed on is parked'
          : 'a consumer failed; it will be tried again',
      );
    },
    onApplied() {},
  });
  lifecycle.onStop('dispatcher', () => dispatcher.stop());
  const handlers = createEventHandlers({
    store,
    clock,
    random,
    watch,
    onFailed(plugin, handler, error, attempts, parked) {
      log.warn(
        { plugin, handler, attempts, parked, reason: messageOf(error) },
        parked
          ? 'an event handler failed for good; the event is parked'
          : 'an event handler failed; it will be tried again',
      );
    },
  });
  lifecycle.onStop('event handlers', () => handlers.stop());

  const ingest = createIngest({ store, camera: (id) => registry.get(id), frameOf: () => null });
  const parked = createParkedQueries(store.reader);
  const logQueries = createLogQueries(store.reader);
  const kernelOwner: TxOwner = {
    plugin: 'kernel',
    events: createEventTypes('kernel', {}),
    recordTypes: new Set(),
    siteOf: (id) => registry.get(id)?.siteId ?? null,
  };

  const http = createHttp({
    clock,
    log,
    corsOrigins: settings.api.corsOrigins,
    routes: [
      ...ingestRoutes({ ingest }),
      ...detectionRoutes({
        detections: createDetectionQueries(store.reader, store.storeId),
        incarnationOf: (id) => registry.incarnation(id),
      }),
      ...pluginRoutes({
        plugins: () => host.list(),
        health: (name) => host.health(name),
        consumerStats: () => dispatcher.stats(),
        handlerStats: () => handlers.stats(),
        parked,
        retryParked: (row) =>
          row.consumer_kind === 'handler' ? handlers.retryParked(row) : dispatcher.retryParked(row),
        dropParked: (id) => store.write('parked.drop', { id }),
      }),
    ],
    principalOf: () => ({ id: 'system', name: 'system', role: 'admin', kind: 'system' }),
    camerasOf: () => everyCamera((id) => registry.get(id) !== undefined),
    effects: () => recordTx(kernelOwner, clock.now()),
    commitChange: (unit) => store.commit(unit),
  });
  lifecycle.onStop('http', () => http.stop(requestDeadlineMs));
  const address = await trace.step('listen', () =>
    http.listen({ host: settings.api.host, port: settings.api.port }),
  );

  const root = createRootContainer();
  const services = createServices();
  provide(root, offerToken, () => ({
    db: store.read,
    services,
    fetch: globalThis.fetch,
    log: (plugin) => log.part(plugin),
    cameras: {
      get: (id) => registry.get(id),
      list: () => registry.list(),
    },
  }));
  await trace.step('plugins: start', () =>
    host.start({
      root,
      store,
      clock,
      watch,
      dispatcher,
      handlers,
      services,
      siteOf: kernelOwner.siteOf,
      mountRoutes(owner, routes: readonly Route[]) {
        return http.mountPlugin(owner.plugin, routes, () => recordTx(owner, clock.now()));
      },
      onJobFailed: (plugin, job, error) =>
        log.warn({ plugin, job, reason: messageOf(error) }, 'a job failed'),
    }),
  );
  lifecycle.onStop('plugins', () => host.stop());
  dispatcher.start();

  const retention = createLogRetention({
    store,
    now: () => clock.now(),
    detectionHours: settings.retention.detectionHours,
    eventDays: settings.retention.auditDays,
    deletedCameras: () => logQueries.deletedWithBodies(),
  });
  const sweep = startLoop({
    clock,
    everyMs: settings.retention.intervalSeconds * 1000,
    run: (signal) => retention.run(signal),
    onError: (error) =>
      log.error({ reason: messageOf(error) }, 'retention failed; it goes on with the next sweep'),
  });
  lifecycle.onStop('retention', () => sweep.stop());

  log.info(
    {
      address: `http://${settings.api.host}:${address.port}`,
      plugins: host.list().filter(({ state }) => state === 'running').length,
    },
    'heldar is running',
  );
  return { http, address, config, dispatcher, handlers, log, plugins: () => host.list() };
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
