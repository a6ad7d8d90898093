import { expect, test } from 'vitest';
import { folderWith } from '../../../test/folder-with.ts';
import { installCommand, projectOf, showCommand, uninstallCommand } from './package-manager.ts';

test.for<[string, Readonly<Record<string, string>>, string]>([
  ['no lock file', {}, 'npm i ppe --ignore-scripts'],
  ['package-lock.json', { 'package-lock.json': '{}' }, 'npm i ppe --ignore-scripts'],
  ['pnpm-lock.yaml', { 'pnpm-lock.yaml': '' }, 'pnpm add ppe --ignore-scripts'],
  [
    'pnpm with workspaces',
    { 'pnpm-lock.yaml': '', 'pnpm-workspace.yaml': '' },
    'pnpm add ppe --ignore-scripts -w',
  ],
  ['yarn.lock', { 'yarn.lock': '' }, 'yarn add ppe --ignore-scripts --ignore-workspace-root-check'],
  [
    'a newer yarn, by packageManager',
    { 'package.json': '{ "packageManager": "yarn@4.5.0" }' },
    'yarn add ppe --mode=skip-build',
  ],
  ['bun.lock', { 'bun.lock': '' }, 'bun add ppe --ignore-scripts'],
])('with %s packages are added by its own command, without their scripts', async ([, files, command]) => {
  using folder = folderWith(files);
  expect(showCommand(await installCommand('ppe', folder.path))).toBe(command);
});

test('with a package manager that is not known here nothing is run', async () => {
  using folder = folderWith({ 'deno.lock': '{}' });
  await expect(installCommand('ppe', folder.path)).rejects.toThrow(
    'this project uses deno, which heldar does not know how to run without the scripts of packages\n  next: install ppe with it',
  );
});

test('the project is the nearest folder with a package.json', async () => {
  using folder = folderWith({ 'compositions/shop.ts': '', 'pnpm-lock.yaml': '' });
  expect(projectOf(folder.file('compositions'))).toBe(folder.path);
  expect(await uninstallCommand('ppe', folder.path)).toBe('pnpm remove ppe');
});
