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
import { failure, failureLine, kernelFolder, placeOf, type PluginFailure } from './failure.ts';
import { startGeneration, type Sockets } from './generation.ts';
import { defaultLimits, type PluginLimits } from './limits.ts';
import type { Surroundings } from './isolation/isolated-definition.ts';
import type { IsolationHost } from './load-isolated.ts';
import { loadPlugins, releaseStep, type Loading } from './load.ts';
import { migratePlugin } from './migrate-plugin.ts';
import { moveToTier } from './move-tier.ts';
import type { QuarantineEntry } from './quarantine.ts';
import { runningPlugin } from './running-as.ts';
import { offerToken } from './scope.ts';
import { viewOf, viewOfDisabled, type HostedPlugin, type Slot } from './slot.ts';
import { stopPlugins } from './stop-plugins.ts';
import { resolve } from './tokens.ts';

export type { HostedPlugin, PluginFaults, PluginState } from './slot.ts';

export interface PluginHost {
  /** Reads manifests, checks them together, then imports what passed and checks its options. No `setup` runs. @throws as `start` does. */
  load(): Promise<void>;
  /** Migrates each plugin's tables; must come before the store opens. @throws as `start` does. */
  migrate(db: SqliteDatabase): void;
  /** Runs `setup` of each, in dependency order. @throws HeldarError `plugin_failed` when a required plugin does not run; then none does. */
  start(sockets: Sockets): Promise<void>;
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
  readonly quarantined: readonly QuarantineEntry[];
  readonly limits?: Partial<PluginLimits>;
  /** For plugins that read it on a connection of their own. */
  readonly databaseFile: string;
  readonly random: () => number;
  /** Keeps it from starting again. */
  keepOut(entry: QuarantineEntry): void;
  onFailure(plugin: HostedPlugin): void;
}

export function createPluginHost(options: PluginHostOptions): PluginHost {
  const limits = { ...defaultLimits, ...options.limits };
  const slots: Slot[] = [];
  let order: readonly Slot[] = [];
  let logOf: ((plugin: string) => Logger) | null = null;
  let plugged: Sockets | null = null;
  let ignoreStrays: (() => void) | null = null;

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
  const loading: Loading = { ...options, limits, isolation, fail };

  return {
    async load() {
      ignoreStrays = claimStrayErrors(claimStray);
      try {
        order = await loadPlugins(loading, slots);
        refuseWithoutRequired(slots);
      } catch (error) {
        ignoreStrays?.();
        throw error;
      }
    },
    migrate(db) {
      for (const slot of waiting()) {
        const why = options.trace.step(`migrate ${slot.name}`, () => migratePlugin(db, slot, options));
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
      try {
        refuseWithoutRequired(slots);
      } catch (error) {
        await stopPlugins(slots);
        throw error;
      }
    },
    async stop() {
      await stopPlugins(slots);
      // Also those that were loaded and never set up.
      await Promise.all(slots.map(async (slot) => slot.isolate?.stop()));
      ignoreStrays?.();
    },
    async moveToTier(name, tier) {
      const slot = slots.find((other) => other.name === name);
      const sockets = plugged;
      if (slot?.state !== 'running' || sockets === null) return;
      const start = (moved: Slot) => startSlot(sockets, moved, slots, limits);
      const refused = await moveToTier(slot, tier, { loading, start });
      if (refused !== null)
        logOf?.(name).error(
          { tier, stage: refused.stage },
          `${name} could not move: ${failureLine(name, refused)}`,
        );
    },
    async quarantine(name, reason) {
      const slot = slots.find((other) => other.name === name);
      if (slot?.state !== 'running') return;
      await slot.generation?.dispose();
      await slot.isolate?.stop();
      slot.generation = null;
      slot.state = 'quarantined';
      slot.failure = failure('running', `it was stopped: ${reason}`, releaseStep(name), { place: null });
      options.keepOut({
        plugin: name,
        label: name,
        place: null,
        blockedMs: 0,
        at: options.clock.now(),
        reason,
      });
    },
    list: () => [...slots.map(viewOf), ...options.plugins.disabled.map(({ name }) => viewOfDisabled(name))],
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
  const broken = Object.keys(manifest?.requires ?? {})
    .map((need) => slots.find(({ name }) => name === need))
    .find((other) => other?.state !== 'running');
  if (broken !== undefined)
    return failure(
      'start',
      `it requires ${broken.name}, which does not run: ${broken.failure?.reason ?? broken.state}`,
      `mend ${broken.name} first`,
    );
  const folder = manifest?.folder ?? null;
  try {
    slot.generation = await startGeneration(sockets, {
      definition,
      config: slot.options,
      allowedRoutes: manifest?.routes ?? [],
      folder,
      limits,
    });
    slot.state = 'running';
    return null;
  } catch (error) {
    const next = error instanceof HeldarError ? error.details['next'] : undefined;
    return failure('setup', error, typeof next === 'string' ? next : null, { folder });
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
