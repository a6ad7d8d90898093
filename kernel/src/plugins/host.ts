/** Which plugins run: from the entries of a composition, through checks, to generations that serve; one that fails does not take the rest with it. */
import { resolve as resolvePath } from 'node:path';
import type { Health, PluginDefinition } from '@heldar/plugin-sdk';
import { showOrigin } from '../config/code-frame.ts';
import {
  applyOverrides,
  originOfOption,
  type ResolvedPluginEntry,
  type ResolvedPlugins,
} from '../config/resolve-plugins.ts';
import type { Clock } from '../clock.ts';
import { HeldarError, messageOf } from '../errors.ts';
import type { BootTrace } from '../runtime/boot-trace.ts';
import { withDeadline } from '../runtime/deadline.ts';
import type { Watch } from '../runtime/watchdog.ts';
import type { SqliteDatabase } from '../store/database.ts';
import { migrate } from '../store/migrations/migrate.ts';
import { tablePrefixOf } from '../store/table-prefix.ts';
import { readDefinition } from './definition.ts';
import { failure, type PluginFailure, type Stage } from './failure.ts';
import { startGeneration, type Generation, type Sockets, type Summary } from './generation.ts';
import { readManifest, type Manifest } from './manifest.ts';
import { checkOptions, describeProblem } from './options.ts';
import { preflight } from './preflight.ts';
import type { QuarantineEntry } from './quarantine.ts';

export type PluginState = 'waiting' | 'running' | 'failed' | 'disabled' | 'quarantined' | 'stopped';

export interface HostedPlugin {
  readonly name: string;
  readonly state: PluginState;
  readonly version: string;
  readonly required: boolean;
  readonly specifier: string | null;
  readonly manifest: Manifest | null;
  readonly definition: PluginDefinition | null;
  readonly options: unknown;
  readonly contributions: Summary | null;
  readonly failure: PluginFailure | null;
}

export interface PluginHost {
  /** Reads manifests, checks them together, then imports what passed and checks its options. No `setup` runs. */
  load(): Promise<void>;
  /** Migrates each plugin's tables; must come before the store opens. */
  migrate(db: SqliteDatabase): void;
  /** Runs `setup` of each, in dependency order. @throws when a required plugin does not run. */
  start(sockets: Sockets): Promise<void>;
  /** In reverse order. */
  stop(): Promise<void>;
  list(): readonly HostedPlugin[];
  health(name: string): Promise<Health>;
}

interface Slot {
  entry: ResolvedPluginEntry;
  name: string;
  state: PluginState;
  manifest: Manifest | null;
  definition: PluginDefinition | null;
  options: unknown;
  failure: PluginFailure | null;
  generation: Generation | null;
}

/** Limit on a plugin's import, ms. */
const importLimitMs = 15_000;

export function createPluginHost(options: {
  plugins: ResolvedPlugins;
  cwd: string;
  sdkVersion: string;
  /** `GET /api/v1/…` of the kernel. */
  kernelRoutes: readonly string[];
  clock: Clock;
  watch: Watch;
  trace: BootTrace;
  allowDrafts: boolean;
  quarantined: readonly QuarantineEntry[];
  onFailure(plugin: HostedPlugin): void;
}): PluginHost {
  const slots: Slot[] = [];
  let order: readonly Slot[] = [];

  const fail = (slot: Slot, why: PluginFailure) => {
    slot.state = 'failed';
    slot.failure = why;
    options.onFailure(view(slot));
  };
  const waiting = () => order.filter((slot) => slot.state === 'waiting');

  const loadModule = async (slot: Slot) => {
    const { source } = slot.entry;
    const folder = slot.manifest?.folder ?? null;
    try {
      const module = await withDeadline(
        source.load(),
        importLimitMs,
        `its import did not finish within ${importLimitMs} ms`,
      );
      slot.definition = readDefinition(
        module,
        slot.manifest ?? readManifest(source, slot.name),
        source.specifier,
      );
    } catch (error) {
      const next =
        error instanceof HeldarError && typeof error.details['next'] === 'string'
          ? error.details['next']
          : 'mend the place named, then start again';
      fail(slot, failure('import', error, next, { folder }));
    }
  };

  /** The module may be the first to say the plugin's name, and so what the composition says about it. */
  const nameAfterLoad = (slot: Slot) => {
    if (slot.definition === null || slot.entry.name !== null) return;
    slot.name = slot.definition.name;
    const applied = applyOverrides(slot.name, slot.entry, options.plugins.overrides);
    if ('source' in applied) slot.entry = applied;
    else slot.state = 'disabled';
  };

  const checkConfig = async (slot: Slot) => {
    if (slot.definition === null) return;
    const checked = await checkOptions(slot.definition, slot.entry.config);
    if (checked.ok) {
      slot.options = checked.options;
      return;
    }
    const places = await Promise.all(
      checked.problems.map(({ path }) => showOrigin(originOfOption(slot.entry, path), options.cwd)),
    );
    const reason = checked.problems
      .map(
        (problem, index) =>
          `${describeProblem(problem)}${places[index] === '' ? '' : `\n${places[index] ?? ''}`}`,
      )
      .join('\n');
    fail(
      slot,
      failure(
        'config',
        new Error(reason),
        `correct it in the composition; \`heldar inspect ${slot.name}\` lists every option`,
        { place: null },
      ),
    );
  };

  return {
    async load() {
      for (const entry of options.plugins.plugins)
        slots.push(readSlot(entry, slots.length, options.quarantined, fail));
      checkNames(slots, fail);
      const candidates = slots.flatMap(({ state, name, manifest }) =>
        state === 'waiting' && manifest !== null ? [{ name, manifest }] : [],
      );
      const flight = options.trace.step('pre-flight', () =>
        preflight(candidates, options.sdkVersion, options.kernelRoutes),
      );
      for (const slot of slots) {
        const refused = flight.failures.get(slot.name);
        if (refused !== undefined && slot.state === 'waiting') fail(slot, refused);
      }
      order = flight.order.flatMap((name) => slots.filter((slot) => slot.name === name));
      for (const slot of waiting())
        await options.trace.step(`import ${slot.name}`, async () => {
          await loadModule(slot);
          nameAfterLoad(slot);
          if (slot.state === 'waiting') await checkConfig(slot);
        });
    },
    migrate(db) {
      for (const slot of waiting()) {
        const { definition, manifest, name } = slot;
        if (definition?.migrations === undefined || manifest === null) continue;
        const folder = resolvePath(manifest.folder ?? options.cwd, definition.migrations);
        try {
          options.trace.step(`migrate ${name}`, () =>
            migrate(
              db,
              { name, prefix: tablePrefixOf(name), folder, release: manifest.release },
              { clock: options.clock, allowDrafts: options.allowDrafts },
            ),
          );
        } catch (error) {
          fail(
            slot,
            failure(
              'migrations',
              error,
              'mend the migration named, then start again; nothing of it was kept',
              { place: null },
            ),
          );
        }
      }
    },
    async start(sockets) {
      for (const slot of waiting()) {
        const { definition } = slot;
        if (definition === null) continue;
        const broken = missingNeed(slot, slots);
        if (broken !== null) {
          fail(
            slot,
            failure('start', new Error(`it requires ${broken}, which does not run`), `mend ${broken} first`),
          );
          continue;
        }
        await options.trace.step(`start ${slot.name}`, async () => {
          try {
            slot.generation = await startGeneration(
              sockets,
              definition,
              slot.options,
              slot.manifest?.routes ?? [],
            );
            slot.state = 'running';
          } catch (error) {
            const stage: Stage = 'setup';
            fail(
              slot,
              failure(stage, error, 'mend the place named, then start again', {
                folder: slot.manifest?.folder ?? null,
              }),
            );
          }
        });
      }
      const missing = slots.find(
        (slot) =>
          slot.entry.options.required === true && slot.state !== 'running' && slot.state !== 'disabled',
      );
      if (missing !== undefined)
        throw new HeldarError(
          'plugin_failed',
          `the plugin ${missing.name} is required and does not run: ${missing.failure?.reason ?? missing.state}`,
          { details: { plugin: missing.name } },
        );
    },
    async stop() {
      for (const slot of slots.filter(({ generation }) => generation !== null).reverse()) {
        await slot.generation?.dispose();
        slot.generation = null;
        slot.state = 'stopped';
      }
    },
    list: () => [
      ...slots.map(view),
      ...options.plugins.disabled.map(({ name }) => ({ ...nothing, name, state: 'disabled' as const })),
    ],
    async health(name) {
      const slot = slots.find((other) => other.name === name);
      if (slot?.generation == null) return { ok: false, detail: slot?.failure?.reason ?? 'not running' };
      try {
        return await slot.generation.health();
      } catch (error) {
        return { ok: false, detail: messageOf(error) };
      }
    },
  };
}

const nothing = {
  version: '',
  required: false,
  specifier: null,
  manifest: null,
  definition: null,
  options: undefined,
  contributions: null,
  failure: null,
} as const;

function readSlot(
  entry: ResolvedPluginEntry,
  index: number,
  quarantined: readonly QuarantineEntry[],
  fail: (slot: Slot, why: PluginFailure) => void,
): Slot {
  const name = entry.name ?? entry.source.specifier ?? `plugin ${index + 1}`;
  const slot: Slot = {
    entry,
    name,
    state: 'waiting',
    manifest: null,
    definition: null,
    options: undefined,
    failure: null,
    generation: null,
  };
  const kept = quarantined.find(({ plugin }) => plugin === name);
  if (kept !== undefined) {
    slot.state = 'quarantined';
    slot.failure = failure(
      'running',
      new Error(
        `${kept.label} blocked the process for ${kept.blockedMs} ms; the process was ended and restarted without it`,
      ),
      `make it yield (await, or shorter work), then: heldar quarantine release ${name}`,
    );
    return slot;
  }
  try {
    slot.manifest = readManifest(entry.source, entry.name);
    slot.name = slot.manifest.name ?? name;
  } catch (error) {
    fail(slot, failure('manifest', error, 'correct its package.json'));
  }
  return slot;
}

function checkNames(slots: readonly Slot[], fail: (slot: Slot, why: PluginFailure) => void): void {
  const seen = new Set<string>();
  for (const slot of slots) {
    if (seen.has(slot.name) && slot.state === 'waiting')
      fail(
        slot,
        failure(
          'pre-flight',
          new Error(`the composition names two plugins '${slot.name}'`),
          'remove one, or give it another name',
        ),
      );
    seen.add(slot.name);
  }
}

function missingNeed(slot: Slot, slots: readonly Slot[]): string | null {
  const needs = Object.keys(slot.manifest?.requires ?? {});
  return needs.find((need) => slots.find(({ name }) => name === need)?.state !== 'running') ?? null;
}

function view(slot: Slot): HostedPlugin {
  return {
    name: slot.name,
    state: slot.state,
    version: slot.manifest?.version ?? '',
    required: slot.entry.options.required ?? false,
    specifier: slot.entry.source.specifier,
    manifest: slot.manifest,
    definition: slot.definition,
    options: slot.options,
    contributions: slot.generation?.contributions ?? null,
    failure: slot.failure,
  };
}
