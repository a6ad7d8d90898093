import { mkdtemp, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkRoot, markerFile, readMarker } from './folder-identity.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heldar-folder-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const ours = { identity: 'ours', fault: null };
const look = (path: string, storeId: string, hasFootage: boolean, name = '') =>
  checkRoot({ name, path }, storeId, () => hasFootage);

it('claims a folder for a store that knows no footage yet, and knows it again', async () => {
  const fresh = join(folder, 'not', 'there');
  expect(await look(fresh, 'aa', false)).toEqual(ours);
  expect(await look(fresh, 'aa', true)).toEqual(ours);
});

it('does not take an empty folder for the one that holds the footage: the disk may be unmounted', async () => {
  await look(folder, 'aa', false);
  await unlink(join(folder, markerFile));
  const state = await look(folder, 'aa', true);
  expect(state).toMatchObject({ identity: 'missing', fault: { reason: 'missing' } });
  expect(state.fault?.detail).toContain('--adopt default');
  expect(await readMarker(folder)).toBeNull();
});

it('leaves the folder of another store alone, also when it knows no footage itself: its database may be the one that is lost', async () => {
  await writeFile(join(folder, markerFile), 'bb\n');
  for (const hasFootage of [true, false])
    expect(await look(folder, 'aa', hasFootage)).toMatchObject({
      identity: 'foreign',
      fault: { reason: 'foreign' },
    });
  expect(await readFile(join(folder, markerFile), 'utf8')).toBe('bb\n');
});

it('tells the roots of one store apart, so that two disks can not be taken for each other', async () => {
  expect(await look(folder, 'aa', false, 'nas')).toEqual(ours);
  expect(await look(folder, 'aa', true, 'nas')).toEqual(ours);
  expect((await look(folder, 'aa', true, 'usb')).identity).toBe('foreign');
  expect((await look(folder, 'aa', false, '')).identity).toBe('foreign');
});

it('answers what can not be used at all, without the path', async () => {
  const file = join(folder, 'a-file');
  await writeFile(file, '');
  const state = await look(file, 'aa', false, 'nas');
  expect(state).toMatchObject({ identity: 'missing', fault: { reason: 'unreadable' } });
  expect(state.fault?.detail).not.toContain(folder);
});
