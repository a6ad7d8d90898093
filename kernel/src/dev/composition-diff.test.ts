import { expect, test } from 'vitest';
import type { ResolvedConfig } from '../config/load-config.ts';
import type { ResolvedPluginEntry } from '../config/resolve-plugins.ts';
import { diffCompositions } from './composition-diff.ts';

function entry(name: string | null, specifier = `./${name}/index.ts`, config?: unknown): ResolvedPluginEntry {
  const source = {
    specifier,
    file: specifier,
    packageFile: null,
    load: async () => ({}),
    again: () => source,
  };
  const origin = { kind: 'composition' as const, file: 'heldar.config.ts', keys: [] };
  return { name, source, config, options: {}, origin, provenance: new Map(), layer: 0 };
}

const composition = (plugins: readonly ResolvedPluginEntry[], more: object = {}) =>
  ({ plugins, disabled: [], overrides: [], settings: { log: 'info' }, ...more }) as unknown as ResolvedConfig;

const running = {
  nameOf: ({ source }: ResolvedPluginEntry) => (source.file === './till.ts' ? 'till' : null),
  requires: (name: string) => (name === 'gate' ? ['parking'] : []),
};

/** What is to be done, in a word each. */
const wordsOf = (before: ResolvedConfig, after: ResolvedConfig) =>
  diffCompositions(before, after, running).changes.map((change) =>
    change.kind === 'put' ? `put ${change.entry.source.specifier}` : `${change.kind} ${change.name}`,
  );

test('what came, went and changed; what is the same is left', () => {
  const before = composition([entry('a'), entry('b'), entry('c')]);
  const after = composition([entry('a'), entry('c', './c/index.ts', { limit: 2 }), entry('d')]);
  expect(wordsOf(before, after)).toEqual(['remove b', 'put ./c/index.ts', 'put ./d/index.ts']);
  expect(wordsOf(after, after)).toEqual([]);
});

test('of two that go at once, the one that requires the other goes first', () => {
  expect(wordsOf(composition([entry('parking'), entry('gate')]), composition([]))).toEqual([
    'remove gate',
    'remove parking',
  ]);
});

test('one whose name only its module tells goes by the name of what runs of it', () => {
  const till = entry(null, './till.ts');
  expect(wordsOf(composition([till]), composition([]))).toEqual(['remove till']);
  expect(wordsOf(composition([entry(null, './never-ran.ts')]), composition([]))).toEqual([]);
});

test('and what is said of plugins by name may be about it', () => {
  const till = entry(null, './till.ts');
  const off = { overrides: [{ name: 'till', value: false, origin: {}, layer: 0 }] };
  expect(wordsOf(composition([till]), composition([till], off))).toEqual(['put ./till.ts']);
});

test('settings that differ are told', () => {
  const { settings } = diffCompositions(
    composition([]),
    composition([], { settings: { log: 'debug' } }),
    running,
  );
  expect(settings).toBe(true);
});
