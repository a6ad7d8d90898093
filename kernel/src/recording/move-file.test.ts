import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { moveFile } from './move-file.ts';

// On Linux the latter is another file system.
const places = [tmpdir(), '/dev/shm'].filter((place) => existsSync(place));

it.each(places)('moves a file whole from %s, with the time it was written', async (place) => {
  const from = await mkdtemp(join(place, 'heldar-move-'));
  const to = await mkdtemp(join(tmpdir(), 'heldar-move-'));
  await writeFile(join(from, 'a.mp4'), 'pictures');
  const written = new Date('2026-01-02T03:04:05.678Z');
  await utimes(join(from, 'a.mp4'), written, written);
  await moveFile(join(from, 'a.mp4'), join(to, 'cam', 'a.mp4'));
  expect(await readFile(join(to, 'cam', 'a.mp4'), 'utf8')).toBe('pictures');
  expect(Math.abs((await stat(join(to, 'cam', 'a.mp4'))).mtimeMs - written.getTime())).toBeLessThan(2);
  expect(await readdir(from)).toEqual([]);
  expect(await readdir(join(to, 'cam'))).toEqual(['a.mp4']);

  await expect(moveFile(join(from, 'none.mp4'), join(to, 'none.mp4'))).rejects.toMatchObject({
    code: 'ENOENT',
  });
  expect(await readdir(to)).toEqual(['cam']);
  await Promise.all([from, to].map((folder) => rm(folder, { recursive: true })));
});
