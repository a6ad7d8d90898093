/** Which plugins run: from the entries of a composition, through checks, to generations that serve; one that fails does not take the rest with it. */
import type { Health, Isolation, Logger } from '@heldar/plugin-sdk';
import type { ResolvedPlugins } from '../config/resolve-plugins.ts';
import type { Clock } from '../clock.ts';
import { HeldarError, messageOf } from '../errors.ts';
import type { BootTrace } from '../runtime/boot-trace.ts';
import { placesOf, ownerAmong, realFolder } from '../runtime/stack-places.ts';
import { claimStrayErrors } from '../runtime/stray-errors.ts';
import type { Watch } from '../runtime/watchdog.ts';
import type { SqliteDatabase } from '../store/database.ts';
import { exclusives } from '../store/exclusives.ts';
import { failure, failureLine, failureOf, kernelFolder, placeOf, type PluginFailure } from './failure.ts';
import { startGeneration, type Sockets } from './generation.ts';
import { createChanges, missingOf, type ChangeOutcome, type Changes, type PluginChange } from './changes.ts';
import { defaultLimits, type PluginLimits } from './limits.ts';
import type { Surroundings } from './isolation/isolated-definition.ts';
import type { IsolationHost } from './load-isolated.ts';
import { loadBeside, loadPlugins, releaseStep, type Loading } from './load.ts';
import type { LockInUse } from './lock/check-lock.ts';
import type { ModuleLoader } from './module-loader.ts';
import type { QuarantineEntry } from './quarantine.ts';
import { runningPlugin } from './running-as.ts';
import { migratePlugin, type RunExclusive, type SchemaOptions } from './schema-change.ts';
import { offerToken } from './scope.ts';
import { viewOf, viewOfDisabled, type HostedPlugin, type Slot } from './slot.ts';
import { stopPlugins } from './stop-plugins.ts';
import { resolve } from './tokens.ts';

export type { HostedPlugin, PluginFaults, PluginState } from './slot.ts';

export interface PluginHost {
  /** Reads manifests, checks them together, then imports what passed and checks its options. No `setup` runs. @throws as `start` does. */
  load(): Promise<void>;
  /** Migrates each plugin's tables; must come before the store opens. @throws as `start` does. */
  migrate(db: SqliteDatabase): Promise<void>;
  /** Runs `setup` of each, in dependency order. @throws HeldarError `plugin_failed` when a required plugin does not run; then none does. */
  start(sockets: Sockets): Promise<void>;
  /** Changes what runs, without touching the rest; one change at a time. @throws HeldarError as `Changes.apply` does. */
  change(change: PluginChange): Promise<ChangeOutcome>;
  /** From now on this is what the site wants, for what its plugins are told of each other; nothing is started or stopped by it. */
  adopt(plugins: ResolvedPlugins): void;
  /** Whoever requires others first. */
  stop(): Promise<void>;
  list(): readonly HostedPlugin[];
  /** Ends the plugin's generation and begins the next one behind that wall; logs when it had to stay where it is. */
  moveToTier(name: string, tier: Isolation): Promise<void>;
  /** Stops the plugin, and keeps it out. */
  quarantine(name: string, reason: string): Promise<void>;
  health(name: string): Promise<Health>;
  /** `file:line:column` of the plugin's own code in the stack of something it threw. */
  placeOf(plugin: string, error: unknown): string | null;
}

export interface PluginHostOptions {
  readonly plugins: ResolvedPlugins;
  readonly cwd: string;
  readonly sdkVersion: string;
  /** `GET /api/v1/…` of the kernel. */
  readonly kernelRoutes: readonly string[];
  readonly clock: Clock;
  readonly watch: Watch;
  readonly trace: BootTrace;
  readonly allowDrafts: boolean;
  /** Who is kept out now. */
  quarantined(): readonly QuarantineEntry[];
  readonly limits?: Partial<PluginLimits>;
  /** For plugins that read it on a connection of their own. */
  readonly databaseFile: string;
  readonly random: () => number;
  /** Keeps it from starting again. */
  keepOut(entry: QuarantineEntry): void;
  /** What the site has agreed to by now; null, and the default: nothing is compared. */
  lock?(): LockInUse | null;
  readonly loader: ModuleLoader;
  /** Folder of the copies that a change of a plugin's tables needs. */
  readonly snapshots: string;
  onFailure(plugin: HostedPlugin): void;
  /** A change did not come about; what ran before serves on. */
  onRefused(plugin: HostedPlugin, why: PluginFailure): void;
}

export function createPluginHost(options: PluginHostOptions): PluginHost {
  const limits = { ...defaultLimits, ...options.limits };
  const slots: Slot[] = [];
  let order: readonly Slot[] = [];
  let logOf: ((plugin: string) => Logger) | null = null;
  let plugged: Sockets | null = null;
  let ignoreStrays: (() => void) | null = null;
  let changes: Changes | null = null;
  let composition = options.plugins;
  const schema: SchemaOptions = {
    cwd: options.cwd,
    allowDrafts: options.allowDrafts,
    snapshots: options.snapshots,
    now: () => options.clock.now(),
  };

  const fail = (slot: Slot, why: PluginFailure) => {
    slot.state = 'failed';
    slot.failure = why;
    void slot.isolate?.stop();
    options.onFailure(viewOf(slot));
  };
  const waiting = () => order.filter((slot) => slot.state === 'waiting');
  const claimStray = (error: unknown): boolean => {
    const slot = culpritOf(error, slots);
    if (slot === undefined) return false;
    noteFault(slot, error);
    return true;
  };
  const noteFault = (slot: Slot, error: unknown) => {
    const reason = messageOf(error);
    const place = placeOf(error, slot.manifest?.folder ?? null);
    slot.faults = { count: slot.faults.count + 1, last: { reason, place, at: options.clock.now() } };
    logOf?.(slot.name).error(
      { place, fault: slot.faults.count },
      `${slot.name}: an error that nobody caught: ${reason}; next: await the promise or catch it at the place named`,
    );
  };
  const isolation: IsolationHost = {
    databaseFile: options.databaseFile,
    random: options.random,
    onFault: noteFault,
    onDeath: (slot, reason) =>
      logOf?.(slot.name).warn(
        { tier: slot.tier, restarts: slot.isolate?.stats().deaths },
        `${slot.name}: ${reason}; it is started again`,
      ),
    onLine: (slot, stream, line) => logOf?.(slot.name).debug({ stream }, line),
    surroundings() {
      if (plugged === null) throw new HeldarError('internal', 'plugins are set up before there is a store');
      return surroundingsIn(plugged);
    },
  };
  const loading = (): Loading => ({
    ...options,
    plugins: composition,
    limits,
    lock: options.lock?.() ?? null,
    isolation,
    fail: failQuietly,
  });

  return {
    async load() {
      ignoreStrays = claimStrayErrors(claimStray);
      try {
        order = await loadPlugins({ ...loading(), fail }, slots);
        refuseWithoutRequired(slots);
      } catch (error) {
        ignoreStrays?.();
        throw error;
      }
    },
    async migrate(db) {
      const run: RunExclusive = async (name, args) =>
        options.watch.allow(() => exclusives[name](db, args as never) as never);
      for (const slot of waiting()) {
        const why = await options.trace.step(`migrate ${slot.name}`, () => migratePlugin(run, slot, schema));
        if (why !== null) fail(slot, why);
      }
      refuseWithoutRequired(slots);
    },
    async start(sockets) {
      const offer = resolve(sockets.root, offerToken);
      logOf = (plugin) => offer.log(plugin);
      plugged = sockets;
      for (const slot of waiting())
        await options.trace.step(`start ${slot.name}`, async () => {
          const why = await startSlot(sockets, slot, slots, limits);
          if (why !== null) fail(slot, why);
        });
      // Nobody waits any more, and what starts later takes the place of these: they would be kept for ever.
      order = [];
      try {
        refuseWithoutRequired(slots);
      } catch (error) {
        await stopPlugins(slots);
        throw error;
      }
      changes = createChanges({
        slots,
        parts: {
          sockets,
          limits,
          schema,
          onUnclean: (plugin, problem) => tellUnclean(offer.log(plugin), problem),
        },
        monotonic: () => options.clock.monotonic(),
        load: (entry, others) => loadBeside(loading(), entry, others),
        isSwitchedOff: (name) => composition.disabled.some((other) => other.name === name),
        onRefused: (slot, why) => options.onRefused(viewOf(slot), why),
      });
    },
    async change(change) {
      if (changes === null) throw new HeldarError('unavailable', 'the plugins are still starting');
      return changes.apply(change);
    },
    adopt(plugins) {
      composition = plugins;
    },
    async stop() {
      await changes?.close();
      await stopPlugins(slots);
      // Also those that were loaded and never set up.
      await Promise.all(slots.map(async (slot) => slot.isolate?.stop()));
      ignoreStrays?.();
    },
    async moveToTier(name, tier) {
      const moved = await changes?.apply({ kind: 'move', name, tier });
      if (moved !== undefined && moved.failure !== null)
        logOf?.(name).error(
          { tier, did: moved.did },
          `${name} could not move: ${failureLine(name, moved.failure)}`,
        );
    },
    async quarantine(name, reason) {
      const why = failure('running', `it was stopped: ${reason}`, releaseStep(name), { place: null });
      const at = options.clock.now();
      // Written first: it stays out also when the process ends while it is being stopped.
      options.keepOut({ plugin: name, label: name, place: null, blockedMs: 0, at, reason });
      await changes?.apply({ kind: 'quarantine', name, why });
    },
    list: () => [...slots.map(viewOf), ...composition.disabled.map(({ name }) => viewOfDisabled(name))],
    async health(name) {
      const slot = slots.find((other) => other.name === name);
      if (slot?.generation == null) return { ok: false, detail: slot?.failure?.reason ?? 'not running' };
      try {
        return await slot.generation.health();
      } catch (error) {
        return { ok: false, detail: messageOf(error) };
      }
    },
    placeOf: (plugin, error) =>
      placeOf(error, slots.find(({ name }) => name === plugin)?.manifest?.folder ?? null),
  };
}

function surroundingsIn({ root, store, onCamerasChange }: Sockets): Surroundings {
  const { cameras } = resolve(root, offerToken);
  return {
    storeId: store.storeId,
    cameraIds: () => cameras.list().map(({ id }) => id),
    onCamerasChange: (listener) => onCamerasChange?.(listener) ?? (() => {}),
  };
}

/** The candidate of a change: whoever asked for the change is told. */
function failQuietly(slot: Slot, why: PluginFailure): void {
  slot.state = 'failed';
  slot.failure = why;
  void slot.isolate?.stop();
}

function tellUnclean(log: Logger, problem: string): void {
  log.warn({ problem }, 'the generation before did not end cleanly');
}

/** Whoever's code threw; a stack without any code of ours or theirs is of the plugin whose timer or socket it was. */
function culpritOf(error: unknown, slots: readonly Slot[]): Slot | undefined {
  const owners = new Map([[kernelFolder, 'kernel']]);
  for (const { name, manifest } of slots)
    if (manifest !== null && manifest.folder !== null) owners.set(realFolder(manifest.folder), name);
  const name = ownerAmong(placesOf(error), owners)?.owner ?? runningPlugin();
  return slots.find((slot) => slot.name === name);
}

async function startSlot(
  sockets: Sockets,
  slot: Slot,
  slots: readonly Slot[],
  limits: PluginLimits,
): Promise<PluginFailure | null> {
  const { definition, manifest } = slot;
  if (definition === null) return null;
  const missing = missingOf(slot, slots);
  if (missing !== null) return missing;
  const folder = manifest?.folder ?? null;
  try {
    slot.generation = await startGeneration(sockets, {
      definition,
      version: viewOf(slot).version,
      config: slot.options,
      allowedRoutes: manifest?.routes ?? [],
      folder,
      limits,
    });
    slot.state = 'running';
    slot.generations = 1;
    return null;
  } catch (error) {
    return failureOf('setup', error, null, folder);
  }
}

/** @throws HeldarError `plugin_failed`. */
function refuseWithoutRequired(slots: readonly Slot[]): void {
  const missing = slots.find(
    ({ entry, state }) => entry.options.required === true && (state === 'failed' || state === 'quarantined'),
  );
  if (missing === undefined) return;
  const { reason = missing.state, place = null, next = '' } = missing.failure ?? {};
  throw new HeldarError(
    'plugin_failed',
    `the plugin ${missing.name} is required and does not run: ${reason}${place === null ? '' : `\n    ${place}`}\n  next: ${next}`,
    { details: { plugin: missing.name } },
  );
}
