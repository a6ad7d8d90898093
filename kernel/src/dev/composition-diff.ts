/** From one composition to the next: which plugins come, go, or run with something else? */
import { isDeepStrictEqual } from 'node:util';
import type { ResolvedConfig } from '../config/load-config.ts';
import type { ResolvedPluginEntry } from '../config/resolve-plugins.ts';
import type { PluginChange } from '../plugins/changes.ts';

export interface CompositionDiff {
  /** In the order in which they are to be made. */
  readonly changes: readonly PluginChange[];
  /** Settings other than plugins differ: only a new start takes them in. */
  readonly settings: boolean;
}

/** Entries are told apart by name, or by what they name while only the module can say it. */
export function diffCompositions(before: ResolvedConfig, after: ResolvedConfig): CompositionDiff {
  const known = new Map(before.plugins.map((entry) => [keyOf(entry), entry]));
  const wanted = new Set(after.plugins.map(keyOf));
  const gone = before.plugins.filter((entry) => !wanted.has(keyOf(entry)));
  const changed = after.plugins.filter((entry) => {
    const old = known.get(keyOf(entry));
    return old === undefined || !isSame(old, entry);
  });
  return {
    changes: [
      ...gone.flatMap(({ name }): PluginChange[] => (name === null ? [] : [{ kind: 'remove', name }])),
      ...changed.map((entry): PluginChange => ({ kind: 'put', entry })),
    ],
    settings: !isDeepStrictEqual(before.settings, after.settings),
  };
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
