import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { layOptions, noOptions } from './merge-options.ts';
import type { Options } from './merge-options.ts';
import type { CompositionOrigin } from './origin.ts';

const from = (file: string): CompositionOrigin => ({ kind: 'composition', file, keys: ['config'] });
const origins = (options: Options) =>
  Object.fromEntries(
    [...options.provenance].map(([path, { origin }]) => [path, (origin as CompositionOrigin).file]),
  );

test('objects are merged, lists and all else are replaced', () => {
  const base = layOptions(noOptions, { a: 1, smtp: { host: 'h', port: 25 }, list: [1, 2] }, from('base'));
  const site = layOptions(base, { smtp: { port: 587 }, list: [3], a: undefined }, from('site'));
  expect(site.value).toEqual({ a: 1, smtp: { host: 'h', port: 587 }, list: [3] });
  expect(origins(site)).toEqual({ a: 'base', 'smtp.host': 'base', 'smtp.port': 'site', list: 'site' });
  expect(site.provenance.get('smtp.port')).toMatchObject({
    value: 587,
    origin: { keys: ['config', 'smtp', 'port'] },
    replaced: [{ value: 25, origin: { file: 'base' } }],
  });
});

test('an object in the place of a text, and the reverse, leaves no trace of what it hides but what it replaced', () => {
  const text = layOptions(noOptions, { smtp: 'off' }, from('base'));
  const object = layOptions(text, { smtp: { port: 1 } }, from('site'));
  expect(origins(object)).toEqual({ 'smtp.port': 'site' });
  expect(object.provenance.get('smtp.port')?.replaced).toMatchObject([{ value: 'off' }]);
  const back = layOptions(object, { smtp: 'on' }, from('top'));
  expect(back.value).toEqual({ smtp: 'on' });
  expect(origins(back)).toEqual({ smtp: 'top' });
});

test('an empty object changes nothing of an object', () => {
  const base = layOptions(noOptions, { smtp: { port: 1 } }, from('base'));
  for (const empty of [{}, { smtp: {} }]) {
    const site = layOptions(base, empty, from('site'));
    expect(site.value).toEqual(base.value);
    expect(origins(site)).toEqual({ 'smtp.port': 'base' });
  }
});

test('what a composition gave is never changed, and a member named __proto__ is data', () => {
  const given = { deep: { a: 1 } };
  const base = layOptions(noOptions, given, from('base'));
  const site = layOptions(base, JSON.parse('{ "deep": { "__proto__": { "b": 2 } } }'), from('site'));
  expect(given).toEqual({ deep: { a: 1 } });
  expect(({} as { b?: number }).b).toBeUndefined();
  expect(Object.keys((site.value as { deep: object }).deep)).toEqual(['a', '__proto__']);
});

test('every option that is in the result has an origin, and every origin an option', () => {
  const keys = fc.constantFrom('a', 'b', 'c');
  const tree = fc.letrec((tie) => ({
    tree: fc.oneof({ maxDepth: 3 }, fc.integer(), fc.dictionary(keys, tie('tree'), { minKeys: 1 })),
  })).tree;
  const options = fc.dictionary(keys, tree, { minKeys: 1 });
  fc.assert(
    fc.property(options, options, (below, above) => {
      const merged = layOptions(layOptions(noOptions, below, from('base')), above, from('site'));
      expect([...merged.provenance.keys()].sort()).toEqual(pathsOf(merged.value).sort());
      for (const [path, { value }] of merged.provenance) expect(valueAt(merged.value, path)).toEqual(value);
    }),
  );
});

function pathsOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [''];
  return Object.entries(value).flatMap(([key, inner]) =>
    pathsOf(inner).map((path) => (path === '' ? key : `${key}.${path}`)),
  );
}

function valueAt(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], value);
}
