/** Which plugins of a composition are fit to start? Their packages first, then all of them together, then each module and its options. */
import { locateOrigin, showOrigin, showPlaceOf } from '../config/code-frame.ts';
import { applyOverrides, type ResolvedPluginEntry, type ResolvedPlugins } from '../config/resolve-plugins.ts';
import { HeldarError } from '../errors.ts';
import type { BootTrace } from '../runtime/boot-trace.ts';
import { withDeadline } from '../runtime/deadline.ts';
import type { Watch } from '../runtime/watchdog.ts';
import { tablePrefixOf } from '../store/table-prefix.ts';
import { checkConfig } from './check-config.ts';
import { readDefinition } from './definition.ts';
import { failure, type PluginFailure } from './failure.ts';
import { tierOf } from './isolation/tiers.ts';
import type { PluginLimits } from './limits.ts';
import type { IsolationHost } from './load-isolated.ts';
import { checkLock, type LockInUse } from './lock/check-lock.ts';
import { isPluginName, placeInPackage, readManifest } from './manifest.ts';
import type { ModuleLoader } from './module-loader.ts';
import { checkApi, preflight, type Candidate } from './preflight.ts';
import type { QuarantineEntry } from './quarantine.ts';
import { runAs } from './running-as.ts';
import { newSlot, type Slot } from './slot.ts';

export interface Loading {
  readonly plugins: ResolvedPlugins;
  readonly cwd: string;
  readonly sdkVersion: string;
  readonly kernelRoutes: readonly string[];
  readonly watch: Watch;
  readonly trace: BootTrace;
  /** As it is now: the kernel that runs adds to it, and an operator takes out of it. */
  quarantined(): readonly QuarantineEntry[];
  readonly limits: PluginLimits;
  readonly isolation: IsolationHost;
  /** What the site agreed to; null: nothing is compared. */
  readonly lock: LockInUse | null;
  readonly loader: ModuleLoader;
  fail(slot: Slot, why: PluginFailure): void;
}

/** Fills `slots` in the composition's order; answers those that may start, in the order of their start. No `setup` runs. */
export async function loadPlugins(loading: Loading, slots: Slot[]): Promise<readonly Slot[]> {
  const { trace } = loading;
  for (const entry of loading.plugins.plugins) slots.push(newSlot(entry, slots.length));
  for (const slot of slots) readPackage(loading, slot);
  const waiting = () => slots.filter(({ state }) => state === 'waiting');
  if (loading.lock !== null)
    await trace.step('lock', async () => {
      for (const slot of waiting()) await refuseUnlocked(loading, slot);
    });
  // A plugin whose package does not say its name is asked itself; only then can all be checked together.
  for (const slot of waiting())
    if (slot.manifest?.name === null) await trace.step(`import ${slot.name}`, () => askName(loading, slot));
  for (const slot of waiting()) await refuseSecond(loading, slots, slot);
  const order = trace.step('pre-flight', () => flyTogether(loading, slots));
  for (const slot of order)
    await trace.step(`import ${slot.name}`, async () => {
      if (slot.definition === null) await loadAgreed(loading, slot);
      const refused = slot.state === 'waiting' ? await checkConfig(slot, loading) : null;
      if (refused !== null) loading.fail(slot, refused);
    });
  return order;
}

/**
 * Loads one entry beside plugins that run: the same steps, asked of it alone and of it together with `others`. The slot is `waiting`
 * afterwards, `disabled` or failed; only its own is changed.
 */
export async function loadBeside(
  loading: Loading,
  entry: ResolvedPluginEntry,
  others: readonly Slot[],
): Promise<Slot> {
  const slot = newSlot(entry, others.length);
  readPackage(loading, slot);
  if (slot.state === 'waiting') await refuseUnlocked(loading, slot);
  if (slot.state === 'waiting' && slot.manifest?.name === null) await askName(loading, slot);
  if (slot.state === 'waiting') flyBeside(loading, slot, others);
  if (slot.state === 'waiting' && slot.definition === null) await loadAgreed(loading, slot);
  const refused = slot.state === 'waiting' ? await checkConfig(slot, loading) : null;
  if (refused !== null) loading.fail(slot, refused);
  return slot;
}

/** Others fail only because of it: what they require is not what it would be. */
function flyBeside(loading: Loading, slot: Slot, others: readonly Slot[]): void {
  const candidates = [slot, ...others.filter(({ state, name }) => state === 'running' && name !== slot.name)];
  const absent = absentOf(
    loading,
    others.filter(({ state, name }) => state !== 'running' && name !== slot.name),
  );
  const { failures } = preflight(candidatesOf(candidates), loading.sdkVersion, loading.kernelRoutes, absent);
  const own = failures.get(slot.name);
  const [other] = failures;
  if (own !== undefined) loading.fail(slot, own);
  else if (other !== undefined)
    loading.fail(slot, { ...other[1], reason: `${other[0]}: ${other[1].reason}` });
}

function readPackage(loading: Loading, slot: Slot): void {
  const { entry } = slot;
  try {
    slot.manifest = readManifest(entry.source, entry.name);
    slot.name = slot.manifest.name ?? slot.name;
    if (slot.manifest.folder !== null) loading.watch.claim(slot.name, slot.manifest.folder);
    isQuarantined(loading, slot);
  } catch (error) {
    const { place, next } = detailsOf(error);
    loading.fail(
      slot,
      failure('manifest', error, next ?? 'correct its package.json', { place: place ?? null }),
    );
  }
}

function isQuarantined(loading: Loading, slot: Slot): boolean {
  const kept = loading.quarantined().find(({ plugin }) => plugin === slot.name);
  if (kept === undefined) return false;
  slot.state = 'quarantined';
  slot.failure = failure(
    'running',
    new Error(
      kept.reason === undefined
        ? `${kept.label} blocked the process for ${kept.blockedMs} ms; the process was ended and restarted without it`
        : `it was stopped: ${kept.reason}`,
    ),
    kept.reason === undefined
      ? `make it yield (await, or shorter work), then: heldar quarantine release ${slot.name}`
      : releaseStep(slot.name),
    { place: kept.place ?? null },
  );
  return true;
}

export function releaseStep(plugin: string): string {
  return `mend it, or raise its budget, then: heldar quarantine release ${plugin}, and heldar plugin enable ${plugin}`;
}

async function refuseUnlocked(loading: Loading, slot: Slot): Promise<void> {
  const refused = await checkLock(loading.lock, slot, loading.cwd);
  if (refused !== null) loading.fail(slot, refused);
}

/** The module is the first to say the plugin's name, and so what the composition says about it. */
async function askName(loading: Loading, slot: Slot): Promise<void> {
  const { manifest } = slot;
  if (manifest === null) return;
  const refuse = (_: string, reason: string, next: string) =>
    loading.fail(
      slot,
      failure('pre-flight', reason, next, {
        place: manifest.folder === null ? null : placeInPackage(manifest.folder),
      }),
    );
  checkApi(slot.name, manifest, loading.sdkVersion, refuse);
  if (slot.state !== 'waiting') return;
  await loadAgreed(loading, slot);
  if (slot.definition === null) return;
  const { name } = slot.definition;
  slot.name = name;
  slot.manifest = { ...manifest, name, tablePrefix: manifest.tablePrefix ?? tablePrefixOf(name) };
  if (manifest.folder !== null) loading.watch.claim(name, manifest.folder);
  const applied = applyOverrides(name, slot.entry, loading.plugins.overrides);
  if ('source' in applied) slot.entry = applied;
  else slot.state = 'disabled';
  if (slot.state === 'waiting') isQuarantined(loading, slot);
  if (slot.state !== 'waiting') await endIsolate(slot);
}

/** It was opened only to ask for the name: what is not to run has none. */
async function endIsolate(slot: Slot): Promise<void> {
  const { isolate } = slot;
  slot.isolate = null;
  await isolate?.stop();
}

async function refuseSecond(loading: Loading, slots: readonly Slot[], slot: Slot): Promise<void> {
  const first = slots.find((other) => other.name === slot.name && other.state !== 'disabled');
  if (first === undefined || first === slot) return;
  const [here, there] = await Promise.all([
    showOrigin(slot.entry.origin, loading.cwd),
    showOrigin(first.entry.origin, loading.cwd),
  ]);
  const reason = `the composition names two plugins '${slot.name}'; the first stands at ${there}`;
  loading.fail(slot, failure('pre-flight', reason, 'remove one, or give it another name', { place: here }));
}

/** Answers those that may start, in order. */
function flyTogether(loading: Loading, slots: readonly Slot[]): Slot[] {
  const waiting = () => slots.filter(({ state }) => state === 'waiting');
  const absent = absentOf(
    loading,
    slots.filter(({ state }) => state !== 'waiting'),
  );
  const { order, failures } = preflight(
    candidatesOf(waiting()),
    loading.sdkVersion,
    loading.kernelRoutes,
    absent,
  );
  for (const slot of waiting()) {
    const refused = failures.get(slot.name);
    if (refused !== undefined) loading.fail(slot, refused);
  }
  return order.flatMap((name) => waiting().filter((slot) => slot.name === name));
}

function candidatesOf(slots: readonly Slot[]): Candidate[] {
  return slots.flatMap(({ name, manifest }) => (manifest === null ? [] : [{ name, manifest }]));
}

/** Those that can't run, and why. */
function absentOf({ plugins }: Loading, slots: readonly Slot[]): Map<string, string> {
  const absent = new Map(slots.map((slot) => [slot.name, slot.failure?.reason ?? slot.state]));
  for (const { name } of plugins.disabled) absent.set(name, 'the composition switches it off');
  return absent;
}

/** Its module, and once more whether the site agreed to it: some of that only the module tells. */
async function loadAgreed(loading: Loading, slot: Slot): Promise<void> {
  await loadModule(loading, slot);
  if (slot.state === 'waiting' && slot.definition !== null) await refuseUnlocked(loading, slot);
}

async function loadModule(loading: Loading, slot: Slot): Promise<void> {
  const { source } = slot.entry;
  const folder = slot.manifest?.folder ?? null;
  const { importMs } = loading.limits;
  const { manifest } = slot;
  const tier = (slot.tier ??= manifest === null ? 'inline' : tierOf(manifest, slot.entry.options));
  // Nothing else runs while a module loads at boot: the mark may span the wait.
  const leave = tier === 'inline' ? loading.watch.enter(`${slot.name} import`) : () => {};
  try {
    if (tier !== 'inline') {
      // Most sites have none: a start does not load what they need.
      const { loadIsolated } = await import('./load-isolated.ts');
      slot.definition = await loadIsolated(slot, tier, loading);
      if (manifest?.name === null) slot.name = slot.definition.name;
      return;
    }
    const module = await withDeadline(
      runAs(slot.name, () => loading.loader.load(source, folder)),
      importMs,
      `its import did not finish within ${importMs} ms`,
    );
    if (slot.manifest?.name === null) slot.name = declaredName(module) ?? slot.name;
    slot.definition = readDefinition(
      module,
      slot.manifest ?? readManifest(source, slot.name),
      source.specifier,
    );
  } catch (error) {
    const { next } = detailsOf(error);
    const missing = (error as { code?: unknown } | null)?.code === 'ERR_MODULE_NOT_FOUND';
    const where = await placeOfEntry(loading, slot, error);
    loading.fail(
      slot,
      failure(
        'import',
        error,
        next ?? (missing ? 'install what is missing, or correct the name, then start again' : null),
        where ?? { folder },
      ),
    );
  } finally {
    leave();
  }
}

/** For the report of what is wrong with the rest of it. */
function declaredName(module: unknown): string | null {
  const plugin = (module as { default?: { definition?: { name?: unknown } } } | null)?.default;
  const name = plugin?.definition?.name;
  return typeof name === 'string' && isPluginName(name) ? name : null;
}

/** What is wrong with the module as a whole stands nowhere in it: the composition names it. */
async function placeOfEntry(
  { cwd }: Loading,
  slot: Slot,
  error: unknown,
): Promise<{ place: string; frame: string | null } | null> {
  if (!(error instanceof HeldarError) || slot.entry.source.file !== null) return null;
  const location = await locateOrigin(slot.entry.origin);
  return {
    place: location ? showPlaceOf(location, cwd) : await showOrigin(slot.entry.origin, cwd),
    frame: location?.frame ?? null,
  };
}

function detailsOf(error: unknown): { place?: string; next?: string } {
  if (!(error instanceof HeldarError)) return {};
  const { place, next } = error.details;
  return {
    ...(typeof place === 'string' ? { place } : {}),
    ...(typeof next === 'string' ? { next } : {}),
  };
}
