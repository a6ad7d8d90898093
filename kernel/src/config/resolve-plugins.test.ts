import { definePlugin, use, z } from '@heldar/plugin-sdk';
import type { HeldarConfig, PluginEntry } from '@heldar/plugin-sdk';
import { describe, expect, test } from 'vitest';
import { folderWith } from '../../test/folder-with.ts';
import type { Layer } from './load-layers.ts';
import { nameFromPackage } from './plugin-source.ts';
import { applyOverrides, originOfOption, resolvePlugins } from './resolve-plugins.ts';

const plugin = (name: string) => definePlugin({ name, config: z.looseObject({}), setup: () => ({}) });
const [parking, zones] = [plugin('parking'), plugin('zones')];
/** Its name is known only once it is loaded. */
const lazy = (config?: Record<string, unknown>) => use(async () => ({ default: parking }), config);

/** Layers named a, b, c, …, the deepest base first. */
const stack = (...configs: HeldarConfig[]): Layer[] =>
  configs.map((config, index) => ({
    file: `/site/${'abc'[index]}.ts`,
    folder: '/site',
    config: config as Record<string, unknown>,
  }));
const resolve = (environment: string, ...configs: HeldarConfig[]) =>
  resolvePlugins(stack(...configs), environment);
const load = (entry: string) => resolve('test', { plugins: [entry] }).plugins[0]?.source.load();
const summary = ({ plugins }: ReturnType<typeof resolve>) =>
  plugins.map(({ name, config, origin }) => [name, config, origin.file?.slice(6)]);

describe('plugins of several layers', () => {
  test('of the same name are one: the first place, the last module, all options', async () => {
    const other = plugin('parking');
    const found = resolve(
      'test',
      { plugins: [parking({ a: 1, b: 1 }), zones] },
      { plugins: [other({ b: 2 })] },
    );
    expect(summary(found)).toEqual([
      ['parking', { a: 1, b: 2 }, 'b.ts'],
      ['zones', undefined, 'a.ts'],
    ]);
    expect(await found.plugins[0]?.source.load()).toEqual({ default: other });
  });

  test('are switched off by a list, also those of a base, and on again by a later entry', () => {
    const base = { plugins: [parking({ a: 1 }), zones] };
    expect(summary(resolve('test', base, { disable: ['parking'] }))).toEqual([['zones', undefined, 'a.ts']]);
    expect(resolve('test', base, { disable: ['parking'] }).disabled).toEqual([
      { name: 'parking', origin: { kind: 'composition', file: '/site/b.ts', keys: ['disable', 0] } },
    ]);
    const again = resolve('test', base, { disable: ['parking'] }, { plugins: [parking] });
    expect(summary(again)).toEqual([
      ['parking', { a: 1 }, 'c.ts'],
      ['zones', undefined, 'a.ts'],
    ]);
  });

  test('take options, and off, from the section of the environment, whichever layer it stands in', () => {
    const base: HeldarConfig = {
      plugins: [parking({ a: 1 }), zones],
      production: { plugins: { parking: { a: 2 }, zones: false } },
    };
    const site: HeldarConfig = { plugins: [parking({ a: 3 })] };
    expect(summary(resolve('production', base, site))).toEqual([['parking', { a: 2 }, 'b.ts']]);
    expect(summary(resolve('test', base, site))).toEqual([
      ['parking', { a: 3 }, 'b.ts'],
      ['zones', undefined, 'a.ts'],
    ]);
  });

  test('a later section takes back the off of an earlier one, but not that of a list', () => {
    const base: HeldarConfig = {
      plugins: [parking, zones],
      test: { plugins: { parking: false, zones: {} } },
    };
    const site: HeldarConfig = { disable: ['zones'], test: { plugins: { parking: { a: 1 } } } };
    expect(summary(resolve('test', base, site))).toEqual([['parking', { a: 1 }, 'a.ts']]);
  });
});

describe('a plugin whose name only its module says', () => {
  const configs: HeldarConfig[] = [
    { plugins: [lazy({ a: 1 })] },
    { test: { plugins: { parking: { a: 2, c: 3 } } }, disable: ['zones'] },
  ];

  test('stays until then, and takes the overrides of its name then', () => {
    const { plugins, overrides } = resolve('test', ...configs);
    expect(plugins.map(({ name, config }) => [name, config])).toEqual([[null, { a: 1 }]]);
    const [entry] = plugins;
    if (!entry) throw new Error('no entry');
    expect(applyOverrides('parking', entry, overrides)).toMatchObject({
      name: 'parking',
      config: { a: 2, c: 3 },
    });
    expect(applyOverrides('other', entry, overrides)).toMatchObject({ name: 'other', config: { a: 1 } });
    expect(applyOverrides('zones', entry, overrides)).toEqual({
      name: 'zones',
      origin: { kind: 'composition', file: '/site/b.ts', keys: ['disable', 0] },
    });
  });
});

describe('the place of an option', () => {
  test('is where the value was given last, or what should hold it', () => {
    const { plugins } = resolve(
      'test',
      { plugins: [parking({ a: { b: 1 } })] },
      { test: { plugins: { parking: { c: [1] } } } },
    );
    const [entry] = plugins;
    if (!entry) throw new Error('no entry');
    const place = (...path: PropertyKey[]) => {
      const { file, keys } = originOfOption(entry, path);
      return [file, keys.join('.')];
    };
    expect(place('a', 'b')).toEqual(['/site/a.ts', 'plugins.0.config.a.b']);
    expect(place('c', 0)).toEqual(['/site/b.ts', 'test.plugins.parking.c.0']);
    expect(place('missing')).toEqual(['/site/a.ts', 'plugins.0.config.missing']);
  });
});

describe('an entry', () => {
  const files = {
    'package.json': '{ "name": "my-site", "type": "module" }',
    'node_modules/@acme/heldar-ppe/package.json': '{ "name": "@acme/heldar-ppe", "main": "index.js" }',
    'node_modules/@acme/heldar-ppe/index.js': 'module.exports = 1;',
    'node_modules/odd/package.json': '{ "name": "odd", "main": "i.js", "heldar": { "name": "even" } }',
    'node_modules/odd/i.js': '',
    'gate/package.json': '{ "name": "site-gate", "exports": "./src/index.ts", "heldar": { "name": "gate" } }',
    'gate/src/index.ts': 'export default 1;',
    'loose/index.ts': 'export default 1;',
    'broken/package.json': '{',
    'broken/index.ts': 'export default 1;',
  };
  const read = (entry: PluginEntry) => {
    using folder = folderWith(files);
    const config = { plugins: [entry] };
    const { plugins } = resolvePlugins(
      [{ file: folder.file('heldar.config.ts'), folder: folder.path, config }],
      'test',
    );
    const [found] = plugins;
    const below = (file: string | null | undefined) => file?.slice(folder.path.length + 1);
    return [found?.name, below(found?.source.file), below(found?.source.packageFile)];
  };

  test.each<[entry: string, expected: readonly (string | null | undefined)[]]>([
    [
      '@acme/heldar-ppe',
      ['ppe', 'node_modules/@acme/heldar-ppe/index.js', 'node_modules/@acme/heldar-ppe/package.json'],
    ],
    ['odd', ['even', 'node_modules/odd/i.js', 'node_modules/odd/package.json']],
    ['./gate', ['gate', 'gate/src/index.ts', 'gate/package.json']],
    ['./gate/src/index.ts', ['gate', 'gate/src/index.ts', 'gate/package.json']],
    ['./loose/index.ts', [null, 'loose/index.ts', 'package.json']],
    ['./broken/index.ts', [null, 'broken/index.ts', undefined]],
    ['./missing.ts', [null, undefined, undefined]],
    ['@acme/heldar-missing', ['missing', undefined, undefined]],
  ])('%s names a plugin, a module and a package as far as they can be told', (entry, expected) => {
    expect(read(entry)).toEqual(expected);
  });

  test('that cannot be found fails when it is loaded, and says what to do', async () => {
    await expect(load('@acme/none')).rejects.toThrow('install it: npm install @acme/none');
    await expect(load('./none.ts')).rejects.toThrow('cannot find ./none.ts');
  });

  test.each([
    ['@heldar/plugin-zones', 'zones'],
    ['@acme/heldar-ppe', 'ppe'],
    ['heldar-plugin-gate', 'gate'],
    ['heldar-gate/lite', 'gate'],
    ['gate', 'gate'],
  ])('of the package %s is named %s without loading it', (name, expected) => {
    expect(nameFromPackage(name)).toBe(expected);
  });
});
