/** Does a clip get its name only when it is whole? */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { removePartialClips, writeClipFile } from './clip-file.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heldar-clip-file-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const files = async () =>
  (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.mp4'));
const never = new AbortController().signal;

test('it has its name once all bytes are there', async () => {
  async function* bytes() {
    yield Buffer.from('whole ');
    expect(await files()).toEqual([join('.building', 'a.mp4')]);
    yield Buffer.from('clip');
  }
  expect(await writeClipFile(folder, 'a.mp4', bytes(), never)).toBe(10);
  expect(await files()).toEqual(['a.mp4']);
  expect(await readFile(join(folder, 'a.mp4'), 'utf8')).toBe('whole clip');
});

test('what fails, and what is given up, leaves nothing behind', async () => {
  const stopping = new AbortController();
  async function* failing() {
    yield Buffer.from('half');
    await Promise.resolve();
    throw new RangeError('a recording ends early');
  }
  async function* endless() {
    for (;;) {
      yield Buffer.from('more');
      await Promise.resolve();
      stopping.abort(new Error('stopping'));
    }
  }
  await expect(writeClipFile(folder, 'a.mp4', failing(), never)).rejects.toThrow('ends early');
  await expect(writeClipFile(folder, 'b.mp4', endless(), stopping.signal)).rejects.toThrow('stopping');
  expect(await files()).toEqual([]);
});

test('what a process that is gone was building is removed', async () => {
  async function* bytes() {
    yield Buffer.from('half');
    await Promise.resolve();
  }
  await writeClipFile(join(folder, '.building', '..'), 'whole.mp4', bytes(), never);
  await removePartialClips(folder);
  expect(await files()).toEqual(['whole.mp4']);
  expect(await readdir(join(folder, '.building'))).toEqual([]);
});
