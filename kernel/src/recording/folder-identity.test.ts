import { mkdtemp, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkFolder, markerFile } from './folder-identity.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heldar-folder-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('claims a folder for a store that knows no footage yet, and knows it again', async () => {
  const fresh = join(folder, 'not', 'there');
  expect(await checkFolder(fresh, 'aa', false)).toBe('ours');
  expect(await checkFolder(fresh, 'aa', true)).toBe('ours');
});

it('does not take an empty folder for the one that holds the footage: the disk may be unmounted', async () => {
  await checkFolder(folder, 'aa', false);
  await unlink(join(folder, markerFile));
  expect(await checkFolder(folder, 'aa', true)).toBe('missing');
});

it('knows the folder of another store', async () => {
  await writeFile(join(folder, markerFile), 'bb\n');
  expect(await checkFolder(folder, 'aa', true)).toBe('foreign');
});
