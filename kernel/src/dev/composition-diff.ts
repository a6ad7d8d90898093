/** From one composition to the next: which plugins come, go, or run with something else? */
import { isDeepStrictEqual } from 'node:util';
import type { ResolvedConfig } from '../config/load-config.ts';
import type { ResolvedPluginEntry } from '../config/resolve-plugins.ts';
import type { PluginChange } from '../plugins/changes.ts';
import { orderPlugins } from '../plugins/order.ts';

export interface CompositionDiff {
  /** In the order in which they are to be made. */
  readonly changes: readonly PluginChange[];
  /** Settings other than plugins differ: only a new start takes them in. */
  readonly settings: boolean;
}

/**
 * Entries are told apart by name, or by what they name while only the module can say it: then `nameOf` knows what runs of it, null when
 * nothing does. Whoever requires others goes before them; `requires`: what a plugin that runs does.
 */
export function diffCompositions(
  before: ResolvedConfig,
  after: ResolvedConfig,
  running: {
    nameOf(entry: ResolvedPluginEntry): string | null;
    requires(name: string): readonly string[];
  },
): CompositionDiff {
  const known = new Map(before.plugins.map((entry) => [keyOf(entry), entry]));
  const wanted = new Set(after.plugins.map(keyOf));
  const gone = before.plugins.filter((entry) => !wanted.has(keyOf(entry)));
  const changed = after.plugins.filter((entry) => {
    const old = known.get(keyOf(entry));
    if (old === undefined || !isSame(old, entry)) return true;
    // What is said of it by name is laid over it only once its module has told the name.
    return entry.name === null && !isDeepStrictEqual(before.overrides, after.overrides);
  });
  return {
    changes: [
      ...dependentsFirst(
        gone.flatMap((entry) => entry.name ?? running.nameOf(entry) ?? []),
        (name) => running.requires(name),
      ).map((name): PluginChange => ({ kind: 'remove', name })),
      ...changed.map((entry): PluginChange => ({ kind: 'put', entry })),
    ],
    settings: !isDeepStrictEqual(before.settings, after.settings),
  };
}

function dependentsFirst(names: readonly string[], requires: (name: string) => readonly string[]): string[] {
  const { order } = orderPlugins(
    names.map((name) => ({ name, requires: requires(name).filter((needed) => names.includes(needed)) })),
  );
  return order.toReversed();
}

function keyOf({ name, source }: ResolvedPluginEntry): string {
  return name ?? source.specifier ?? '';
}

function isSame(a: ResolvedPluginEntry, b: ResolvedPluginEntry): boolean {
  return (
    a.source.file === b.source.file &&
    a.source.packageFile === b.source.packageFile &&
    isDeepStrictEqual(a.config, b.config) &&
    isDeepStrictEqual(a.options, b.options)
  );
}
