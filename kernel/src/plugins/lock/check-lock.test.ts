import { appendFileSync } from 'node:fs';
import { definePlugin, type PluginCapability } from '@heldar/plugin-sdk';
import { expect, test } from 'vitest';
import { folderWith, type TemporaryFolder } from '../../../test/folder-with.ts';
import { readPluginEntry } from '../../config/plugin-source.ts';
import { readManifest } from '../manifest.ts';
import { checkLock, openLock } from './check-lock.ts';
import { writeLock } from './lock-file.ts';
import { readWholePlugin } from './present-plugin.ts';

const installed = 'node_modules/@acme/heldar-ppe';
const packageJson = (heldar: object) =>
  JSON.stringify({
    name: '@acme/heldar-ppe',
    version: '1.0.0',
    type: 'module',
    exports: './index.js',
    heldar,
  });

/** A site with the package in `node_modules` and a folder `own`, which declare these members of `heldar`. */
function siteWith(heldar: object): TemporaryFolder {
  return folderWith({
    [`${installed}/package.json`]: packageJson(heldar),
    [`${installed}/index.js`]: 'export {}',
    [`${installed}/migrations/0001_a.sql`]: 'select 1;\r\n',
    'own/package.json': '{ "name": "own", "heldar": { "name": "own" } }',
    'own/index.js': '',
  });
}

function pluginOf(site: TemporaryFolder, specifier: string) {
  const named = readPluginEntry(specifier, site.path);
  if (named === null) throw new Error('no entry');
  const manifest = readManifest(named.source, named.name);
  return { name: manifest.name ?? specifier, manifest, definition: null, entry: { source: named.source } };
}

const definitionOf = (name: string, capabilities: readonly PluginCapability[]) =>
  definePlugin({ name, capabilities, migrations: './migrations', setup: () => ({}) }).definition;

/** Locks the package as it is, with what its code declares. */
async function lock(
  site: TemporaryFolder,
  capabilities: readonly PluginCapability[],
  environment = 'production',
) {
  const { manifest, entry } = pluginOf(site, '@acme/heldar-ppe');
  const locked = await readWholePlugin(entry.source, manifest, definitionOf('ppe', capabilities), site.path);
  writeLock(site.file('heldar.lock'), new Map([['ppe', locked]]));
  return open(site, environment);
}

const open = (site: TemporaryFolder, environment = 'production', isAccepted?: (plugin: string) => boolean) =>
  openLock(
    { layers: [{ file: site.file('heldar.config.ts'), folder: site.path, config: {} }], environment },
    isAccepted,
  );

test('without a lock nothing is compared', async () => {
  using site = siteWith({});
  expect(open(site)).toBeNull();
  expect(await checkLock(null, pluginOf(site, '@acme/heldar-ppe'), site.path)).toBeNull();
});

test('a package that is as it was locked may run; one byte later it may not, and the text says why and what to do', async () => {
  using site = siteWith({ capabilities: ['events:emit'], release: ['0001_a.sql'] });
  const locked = await lock(site, ['events:emit']);
  expect(await checkLock(locked, pluginOf(site, '@acme/heldar-ppe'), site.path)).toBeNull();

  appendFileSync(site.file(`${installed}/index.js`), '\n');
  appendFileSync(site.file(`${installed}/migrations/0001_a.sql`), '\n-- more');
  expect(await checkLock(locked, pluginOf(site, '@acme/heldar-ppe'), site.path)).toMatchObject({
    stage: 'pre-flight',
    reason:
      'it is not what heldar.lock says: its files are not those of version 1.0.0 that were locked; shipped migration migrations/0001_a.sql was edited',
    place: `${site.file('heldar.lock')}:4`,
    next: 'when this is meant, agree to it: heldar plugin accept ppe; else install what was locked',
  });
  const accepted = open(site, 'production', (plugin) => plugin === 'ppe');
  expect(await checkLock(accepted, pluginOf(site, '@acme/heldar-ppe'), site.path)).toBeNull();
});

test('capabilities that its package does not declare are compared when its code is loaded', async () => {
  using site = siteWith({});
  const locked = await lock(site, ['events:emit']);
  const plugin = pluginOf(site, '@acme/heldar-ppe');
  expect(await checkLock(locked, plugin, site.path)).toBeNull();
  const asking = (...capabilities: PluginCapability[]) =>
    checkLock(locked, { ...plugin, definition: definitionOf('ppe', capabilities) }, site.path);
  expect(await asking('events:emit')).toBeNull();
  expect(await asking()).toBeNull();
  expect(await asking('events:emit', 'http:outbound')).toMatchObject({
    reason: 'it is not what heldar.lock says: capability http:outbound is new',
  });
});

test('a plugin that the lock does not name is refused; a folder of the site only outside of development', async () => {
  using site = siteWith({});
  const locked = await lock(site, []);
  const own = pluginOf(site, './own/index.js');
  expect(await checkLock(locked, own, site.path)).toMatchObject({ reason: 'heldar.lock does not name it' });
  expect(await checkLock(open(site, 'development'), own, site.path)).toBeNull();
  appendFileSync(site.file(`${installed}/index.js`), '\n');
  const refused = await checkLock(open(site, 'development'), pluginOf(site, '@acme/heldar-ppe'), site.path);
  expect(refused?.reason).toContain('its files are not those');
});

test('a plugin whose name only its code tells is found by how it is named', async () => {
  using site = siteWith({});
  using folder = folderWith({ 'package.json': '{ "name": "site" }', 'p.js': '' });
  const plugin = pluginOf(folder, './p.js');
  expect(plugin.name).toBe('./p.js');
  const own = await readWholePlugin(plugin.entry.source, plugin.manifest, { name: 'gate' }, folder.path);
  writeLock(site.file('heldar.lock'), new Map([['gate', own]]));
  expect(await checkLock(open(site), plugin, folder.path)).toBeNull();
  const said = { ...plugin, name: 'door', definition: definitionOf('door', []) };
  expect(await checkLock(open(site), said, folder.path)).toMatchObject({
    reason: 'heldar.lock does not name it',
  });
});
