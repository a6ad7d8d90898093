/** Which plugins a site runs, with which options, when all layers of its composition are taken together. */
import type { UseOptions } from '@heldar/plugin-sdk';
import type { Layer } from './load-layers.ts';
import { layOptions, noOptions } from './merge-options.ts';
import type { Options } from './merge-options.ts';
import type { CompositionOrigin, Keys, Provenance } from './origin.ts';
import { readPluginEntry } from './plugin-source.ts';
import type { PluginSource } from './plugin-source.ts';

export interface ResolvedPluginEntry {
  /** null while only the loaded module can say it; `applyOverrides` is then still to be called. */
  readonly name: string | null;
  readonly source: PluginSource;
  /** Merged, not yet checked by the plugin's schema; undefined when nobody gave any. */
  readonly config: unknown;
  readonly options: UseOptions;
  /** Where it is named. */
  readonly origin: CompositionOrigin;
  /** Where each of its options came from, by dotted path. */
  readonly provenance: ReadonlyMap<string, Provenance>;
  /** The layer that named it last: an older `disable` doesn't concern it. */
  readonly layer: number;
}

/** What compositions say about plugins by name, in the order in which it applies. */
export interface PluginOverride {
  readonly name: string;
  /** false switches the plugin off. */
  readonly value: unknown;
  readonly origin: CompositionOrigin;
  /** It concerns entries of this layer and of those below. */
  readonly layer: number;
}

export interface ResolvedPlugins {
  readonly plugins: readonly ResolvedPluginEntry[];
  readonly disabled: readonly { readonly name: string; readonly origin: CompositionOrigin }[];
  readonly overrides: readonly PluginOverride[];
}

/** Sections are those of the environment: `production: { plugins: { … } }`. */
export function resolvePlugins(layers: readonly Layer[], environment: string): ResolvedPlugins {
  const overrides = [...disablesOf(layers), ...sectionOverridesOf(layers, environment)];
  const plugins: ResolvedPluginEntry[] = [];
  const disabled: { name: string; origin: CompositionOrigin }[] = [];
  for (const entry of mergeEntries(layers)) {
    const applied = entry.name === null ? entry : applyOverrides(entry.name, entry, overrides);
    if ('source' in applied) plugins.push(applied);
    else disabled.push(applied);
  }
  return { plugins, disabled, overrides };
}

/**
 * What becomes of an entry once its name is known: the entry with the options laid over it, or the place that switches it off.
 */
export function applyOverrides(
  name: string,
  entry: ResolvedPluginEntry,
  overrides: readonly PluginOverride[],
): ResolvedPluginEntry | { readonly name: string; readonly origin: CompositionOrigin } {
  let options: Options = { value: entry.config, provenance: entry.provenance };
  let off: CompositionOrigin | null = null;
  for (const override of overrides) {
    if (override.name !== name || override.layer < entry.layer) continue;
    if (override.value === false) off = override.origin;
    else {
      options = layOptions(options, override.value, override.origin);
      // Options for an environment take back a `false` for an environment, not a `disable`.
      if (off?.keys[0] !== 'disable') off = null;
    }
  }
  if (off !== null) return { name, origin: off };
  return { ...entry, name, config: options.value, provenance: options.provenance };
}

/** Where an option stands, or what should hold it: for an error of the plugin's schema. */
export function originOfOption(entry: ResolvedPluginEntry, path: readonly PropertyKey[]): CompositionOrigin {
  for (let length = path.length; length >= 0; length -= 1) {
    const name = path.slice(0, length).map(String).join('.');
    const origin = entry.provenance.get(name)?.origin;
    if (origin?.kind !== 'composition') continue;
    return { ...origin, keys: [...origin.keys, ...keysOf(path.slice(length))] };
  }
  return { ...entry.origin, keys: [...entry.origin.keys, 'config', ...keysOf(path)] };
}

const keysOf = (path: readonly PropertyKey[]): Keys =>
  path.map((key) => (typeof key === 'number' ? key : String(key)));

/** Entries of the same name are one: the first place, the last module, all options. */
function mergeEntries(layers: readonly Layer[]): ResolvedPluginEntry[] {
  const entries: ResolvedPluginEntry[] = [];
  for (const [layer, { file, folder, config }] of layers.entries()) {
    const written: unknown[] = Array.isArray(config['plugins']) ? config['plugins'] : [];
    for (const [index, entry] of written.entries()) {
      const named = readPluginEntry(entry, folder);
      if (named === null) continue; // the check of the shape reports it
      const origin: CompositionOrigin = { kind: 'composition', file, keys: ['plugins', index] };
      const at = entries.findIndex(({ name }) => name !== null && name === named.name);
      const before = entries[at];
      const below: Options = before ? { value: before.config, provenance: before.provenance } : noOptions;
      const options = layOptions(below, named.config, { ...origin, keys: [...origin.keys, 'config'] });
      entries.splice(at === -1 ? entries.length : at, at === -1 ? 0 : 1, {
        name: named.name,
        source: named.source,
        config: options.value,
        options: { ...before?.options, ...named.options },
        origin,
        provenance: options.provenance,
        layer,
      });
    }
  }
  return entries;
}

function disablesOf(layers: readonly Layer[]): PluginOverride[] {
  return layers.flatMap(({ file, config }, layer) => {
    const names: unknown[] = Array.isArray(config['disable']) ? config['disable'] : [];
    return names.map((name, index) => ({
      name: String(name),
      value: false,
      origin: { kind: 'composition' as const, file, keys: ['disable', index] },
      layer,
    }));
  });
}

/** They lie over all layers, as all of an environment's section does. */
function sectionOverridesOf(layers: readonly Layer[], environment: string): PluginOverride[] {
  return layers.flatMap(({ file, config }) => {
    const section = config[environment] as { plugins?: Record<string, unknown> } | undefined;
    return Object.entries(section?.plugins ?? {}).map(([name, value]) => ({
      name,
      value,
      origin: { kind: 'composition' as const, file, keys: [environment, 'plugins', name] },
      layer: layers.length,
    }));
  });
}
