import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { emptyRing } from './ring-leftovers.ts';

let root: string;
let folder: string;
let destination: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'heldar-ring-'));
  [folder, destination] = [join(root, 'ring'), join(root, 'recordings')];
  await mkdir(folder);
  await mkdir(destination);
});
afterEach(() => rm(root, { recursive: true }));

const run = 'w0123456789abcdef';
/** Written until so many seconds from now. */
async function leave(index: number, secondsFromNow: number, content = 'pictures'): Promise<string> {
  const name = `${run}_${String(index).padStart(6, '0')}.mp4`;
  await writeFile(join(folder, name), content);
  const at = new Date(Date.now() + secondsFromNow * 1000);
  await utimes(join(folder, name), at, at);
  return name;
}

it('deletes all that a recorder left when no trigger asks for it, and nothing else', async () => {
  await leave(0, -5);
  await leave(1, 0);
  await writeFile(join(folder, 'notes.txt'), 'mine');
  expect(await emptyRing({ folder, destination, kept: null })).toEqual({ moved: 0, left: 0 });
  expect(await readdir(folder)).toEqual(['notes.txt']);
  expect(await readdir(destination)).toEqual([]);
});

it('moves what was written within the time of a trigger', async () => {
  await leave(0, -60);
  const within = [await leave(1, -5), await leave(2, 1)];
  await leave(3, 2, '');
  const { birthtimeMs } = await stat(folder);
  const kept = { from: Date.now() - 10_000, until: birthtimeMs + 60_000 };
  expect(await emptyRing({ folder, destination, kept })).toEqual({ moved: 2, left: 0 });
  expect((await readdir(destination)).sort()).toEqual(within);
  expect(await readdir(folder)).toEqual([]);
  await leave(4, 5);
  expect(await emptyRing({ folder, destination, kept: { from: 0, until: birthtimeMs - 60_000 } })).toEqual({
    moved: 0,
    left: 0,
  });
});

it('leaves there what belongs into a recording while that can be stored nowhere', async () => {
  await leave(0, -60);
  const within = await leave(1, -5);
  const kept = { from: Date.now() - 10_000, until: Date.now() + 60_000 };
  expect(await emptyRing({ folder, destination: null, kept })).toEqual({ moved: 0, left: 1 });
  expect(await readdir(folder)).toEqual([within]);
});

it('finds nothing where there never was a ring', async () => {
  expect(await emptyRing({ folder: join(root, 'none'), destination, kept: null })).toEqual({
    moved: 0,
    left: 0,
  });
});
