/** How the plugin host is built into the kernel: what it is told, what it offers, and how its failures are logged. */
import { join } from 'node:path';
import type { CameraRegistry } from '../cameras/registry.ts';
import type { Clock } from '../clock.ts';
import { databaseFileOf } from '../config/database-url.ts';
import type { ResolvedConfig } from '../config/load-config.ts';
import type { ActiveConsumer } from '../detections/consumer-run.ts';
import type { LaneFailure } from '../detections/lane.ts';
import { messageOf } from '../errors.ts';
import { asUuid, newHex } from '../ids.ts';
import type { KernelLog } from '../log.ts';
import { createEventTypes } from '../plugins/event-types.ts';
import { describeFailure, describeRefusal } from '../plugins/failure.ts';
import type { ModuleLoader } from '../plugins/module-loader.ts';
import { createPluginHost, type PluginHost } from '../plugins/host.ts';
import type { PluginLimits } from '../plugins/limits.ts';
import { openLock } from '../plugins/lock/check-lock.ts';
import type { Quarantine, QuarantineEntry } from '../plugins/quarantine.ts';
import { offerToken } from '../plugins/scope.ts';
import type { Services } from '../plugins/services.ts';
import { createRootContainer, provide } from '../plugins/tokens.ts';
import type { TxOwner } from '../plugins/tx.ts';
import type { BootTrace } from '../runtime/boot-trace.ts';
import type { Watch } from '../runtime/watchdog.ts';
import { openWriter } from '../store/database.ts';
import { kernelMigrations } from '../store/kernel-migrations.ts';
import { migrate } from '../store/migrations/migrate.ts';
import type { Store } from '../store/store.ts';
import { sdkVersion } from '../version.ts';
import { kernelRouteNames } from './route-names.ts';

export function createHost(options: {
  config: ResolvedConfig;
  cwd: string;
  clock: Clock;
  watch: Watch;
  trace: BootTrace;
  log: KernelLog;
  quarantine: Quarantine;
  limits: Partial<PluginLimits>;
  loader: ModuleLoader;
}): PluginHost {
  const { config, cwd, clock, watch, trace, log, quarantine, limits, loader } = options;
  const host = createPluginHost({
    plugins: config,
    cwd,
    sdkVersion,
    kernelRoutes: kernelRouteNames,
    databaseFile: databaseFileOf(config.settings.databaseUrl),
    random: Math.random,
    clock,
    watch,
    trace,
    allowDrafts: config.environment !== 'production',
    quarantined: () => quarantine.entries(),
    limits,
    keepOut: (entry) => quarantine.add(entry),
    lock: () => openLock(config),
    loader,
    snapshots: join(config.settings.dataDir, 'plugin-snapshots'),
    onRefused({ name, version }, why) {
      log.error({ plugin: name, stage: why.stage }, describeRefusal(name, version, why));
    },
    onFailure({ name, version, failure }) {
      if (failure === null) return;
      const serving = host.list().filter(({ state }) => state === 'running' || state === 'waiting').length;
      log.error({ plugin: name, stage: failure.stage }, describeFailure(name, version, failure, serving));
    },
  });
  return host;
}

/** The kernel's tables first, then each plugin's; on a connection of their own, before the writer thread opens its. */
export async function migrateAll(
  file: string,
  clock: Clock,
  host: PluginHost,
  trace: BootTrace,
  watch: Watch,
): Promise<void> {
  const db = openWriter(file);
  try {
    watch.allow(() =>
      trace.step('migrate kernel', () => migrate(db, kernelMigrations(), { clock, allowDrafts: false })),
    );
    await host.migrate(db);
  } finally {
    db.close();
  }
}

/** The root container: what generations of plugins may be given. */
export function createOffer(options: {
  store: Store;
  log: KernelLog;
  registry: CameraRegistry;
  services: Services;
}) {
  const { store, log, registry, services } = options;
  const root = createRootContainer();
  const asInfo = ({
    id,
    siteId,
    name,
    enabled,
  }: {
    id: string;
    siteId: string | null;
    name: string;
    enabled: boolean;
  }) => ({ id, siteId, name, enabled });
  provide(root, offerToken, () => ({
    db: store.read,
    services,
    fetch: globalThis.fetch,
    log: (plugin) => log.part(plugin),
    cameras: {
      get(id) {
        const camera = registry.get(id);
        return camera === undefined ? undefined : asInfo(camera);
      },
      list: () => registry.list().map(asInfo),
    },
  }));
  return root;
}

/** Whose effects those of the kernel's own routes are. */
export function ownerOfKernel(registry: CameraRegistry): TxOwner {
  return {
    plugin: 'kernel',
    events: createEventTypes('kernel', {}),
    recordTypes: new Set(),
    siteOf: (id) => registry.get(id)?.siteId ?? null,
  };
}

export function logConsumerFailure(
  log: KernelLog,
  host: Pick<PluginHost, 'placeOf'>,
  consumer: ActiveConsumer,
  { lane, work, error, attempts, parked }: LaneFailure,
): void {
  const facts = {
    plugin: consumer.plugin,
    consumer: consumer.name,
    lane,
    work,
    attempts,
    reason: messageOf(error),
    place: host.placeOf(consumer.plugin, error),
  };
  if (parked) log.error(facts, 'a consumer failed for good; what it failed on is parked: heldar parked list');
  else log.warn(facts, 'a consumer failed; it will be tried again');
}

/** Tells of a plugin that blocked the process that ran before this one. */
export async function noteQuarantine(
  store: Store,
  log: KernelLog,
  entry: QuarantineEntry,
  now: number,
): Promise<void> {
  log.error(
    { plugin: entry.plugin, blockedMs: entry.blockedMs },
    `${entry.label} blocked the process, which was ended; it stays out until: heldar quarantine release ${entry.plugin}`,
  );
  const payload = JSON.stringify({
    plugin: entry.plugin,
    label: entry.label,
    place: entry.place,
    blocked_ms: entry.blockedMs,
  });
  await store.write('events.append', [
    {
      id: asUuid(newHex(now)),
      cameraId: null,
      siteId: null,
      type: 'plugin_quarantined',
      severity: 'critical',
      atMs: entry.at,
      payload,
      source: 'kernel',
    },
  ]);
}
