import { expect, test } from 'vitest';
import { folderWith } from '../../test/folder-with.ts';
import { readPluginEntry } from '../config/plugin-source.ts';
import { HeldarError } from '../errors.ts';
import { readManifest } from './manifest.ts';

/** The manifest of the plugin `./p/index.ts` with this package.json. */
function manifestWith(packageJson: string) {
  using folder = folderWith({ 'p/package.json': packageJson, 'p/index.ts': '' });
  const named = readPluginEntry('./p/index.ts', folder.path);
  if (named === null) throw new Error('no entry');
  try {
    return { manifest: readManifest(named.source, named.name), folder: folder.path };
  } catch (error) {
    return { error: error as HeldarError, folder: folder.path };
  }
}

test('what a package.json leaves out has a default', () => {
  const { manifest, folder } = manifestWith('{ "name": "@acme/parking" }');
  expect(manifest).toEqual({
    name: null,
    version: '0.0.0',
    api: null,
    requires: {},
    tablePrefix: null,
    release: [],
    routes: [],
    capabilities: null,
    isolation: 'inline',
    folder: `${folder}/p`,
  });
});

test('what it says is read', () => {
  const { manifest } = manifestWith(
    JSON.stringify({
      name: '@acme/car-park',
      version: '2.1.0',
      peerDependencies: { '@heldar/plugin-sdk': '^0.1.0' },
      heldar: {
        name: 'car-park',
        requires: { zones: '^0.1.0' },
        tablePrefix: 'car_park_',
        release: ['0001_visits.sql'],
        routes: ['GET /api/v1/car-park'],
        capabilities: ['events:emit'],
        isolation: 'process',
      },
    }),
  );
  expect(manifest).toMatchObject({
    name: 'car-park',
    version: '2.1.0',
    api: '^0.1.0',
    requires: { zones: '^0.1.0' },
    tablePrefix: 'car_park_',
    release: ['0001_visits.sql'],
    routes: ['GET /api/v1/car-park'],
    capabilities: ['events:emit'],
    isolation: 'process',
  });
});

test('a plugin that is a file of the site finds the API among the site’s dependencies', () => {
  const { manifest } = manifestWith('{ "name": "site", "dependencies": { "@heldar/plugin-sdk": "~0.1.2" } }');
  expect(manifest?.api).toBe('~0.1.2');
});

test('a plugin of the composition itself has no package', () => {
  const source = { specifier: null, file: null, packageFile: null, load: async () => ({}) };
  expect(readManifest(source, 'people-counter')).toMatchObject({
    name: 'people-counter',
    folder: null,
    tablePrefix: 'people_counter_',
  });
});

test.for([
  ['{ "name": "x",\n "version": "1.0.0",\n}', /^its package.json is not JSON: /, 'package.json:3'],
  ['{ "name": }', /^its package.json is not JSON: /, 'package.json'],
  ['[]', /^: .*object/i, 'package.json'],
  ['{ "name": "x",\n "version": "one" }', /^version: expected a version such as "1.0.0"$/, 'package.json:2'],
  [
    '{ "name": "x",\n "heldar": {\n  "name": "Parking" } }',
    /^heldar.name: expected lower-case letters, digits and hyphens$/,
    'package.json:1',
  ],
  [
    '{ "name": "x",\n "heldar": {\n  "requires": {\n   "zones": "soon" } } }',
    /^heldar.requires.zones: expected a version range such as "\^1.0.0"$/,
    'package.json:4',
  ],
  [
    '{ "name": "x",\n "heldar": {\n  "routes": ["/api/v1/x"] } }',
    /^heldar.routes.0: expected a method and a path: "GET \/api\/v1\/…"$/,
    'package.json',
  ],
  [
    '{ "name": "x",\n "heldar": {\n  "isolation": "jail" } }',
    /^heldar.isolation: .*"inline"\|"worker"\|"process"/,
    'package.json:3',
  ],
  [
    '{ "name": "x",\n "heldar": {\n  "require": {} } }',
    /^heldar.require: there is no such member; there are name, requires, tablePrefix, release, routes, capabilities, isolation$/,
    'package.json:3',
  ],
] as const)('%s is refused at its line', ([text, message, place]) => {
  const { error, folder } = manifestWith(text);
  expect(error).toBeInstanceOf(HeldarError);
  expect(error?.message).toMatch(message);
  expect(error?.details['place']).toBe(`${folder}/p/${place}`);
  expect(error?.details['next']).toBe(`correct ${folder}/p/package.json`);
});
