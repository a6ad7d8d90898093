import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { expect, test } from 'vitest';
import { folderWith } from '../../../test/folder-with.ts';
import { integrityOf, isInstalled } from './package-integrity.ts';

const files = { 'p/package.json': '{}', 'p/index.js': 'export {}', 'p/migrations/0001_a.sql': 'select 1' };

test('copies of a package have one integrity, whatever their dates, modes and dependencies', async () => {
  using one = folderWith(files);
  using other = folderWith(Object.fromEntries(Object.entries(files).toReversed()));
  chmodSync(other.file('p/index.js'), 0o755);
  utimesSync(other.file('p/index.js'), 1, 1);
  mkdirSync(other.file('p/node_modules/dependency'), { recursive: true });
  writeFileSync(other.file('p/node_modules/dependency/index.js'), '');
  const integrity = await integrityOf(one.file('p'));
  expect(integrity).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/);
  expect(await integrityOf(other.file('p'))).toBe(integrity);
});

test.for<[string, (file: (name: string) => string) => void]>([
  ['one byte more', (file) => appendFileSync(file('p/index.js'), ' ')],
  ['another file', (file) => writeFileSync(file('p/extra.js'), '')],
  ['another name', (file) => renameSync(file('p/index.js'), file('p/main.js'))],
  ['a file moved into a folder', (file) => renameSync(file('p/index.js'), file('p/migrations/index.js'))],
  ['a link', (file) => symlinkSync('/etc/hostname', file('p/link'))],
])('%s gives another integrity', async ([, change]) => {
  using folder = folderWith(files);
  const before = await integrityOf(folder.file('p'));
  change(folder.file);
  expect(await integrityOf(folder.file('p'))).not.toBe(before);
});

test('a package that a package manager put there is installed; a linked folder is not', () => {
  using folder = folderWith({ 'node_modules/installed/package.json': '{}', 'own/package.json': '{}' });
  symlinkSync(folder.file('own'), folder.file('node_modules/linked'));
  expect(isInstalled(folder.file('node_modules/installed'))).toBe(true);
  expect(isInstalled(folder.file('node_modules/linked'))).toBe(false);
  expect(isInstalled(folder.file('own'))).toBe(false);
});
