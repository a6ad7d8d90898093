import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { discardStill, keepStill, removePartialStills } from './keep-still.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heldar-stills-'));
});
afterEach(() => rm(folder, { recursive: true }));

const at = Date.UTC(2026, 5, 13, 12, 5, 0, 123);
const keep = (text: string) => keepStill(folder, 'gate', at, Buffer.from(text));

it('names a still by its time, and never writes over another', async () => {
  expect(await keep('one')).toEqual({ path: 'gate/20260613T120500123Z.jpg', takenAt: at });
  expect(await keep('two')).toEqual({ path: 'gate/20260613T120500124Z.jpg', takenAt: at + 1 });
  expect(await readFile(join(folder, 'gate/20260613T120500123Z.jpg'), 'utf8')).toBe('one');
});

it('takes a still back, and the folder only when nothing else is in it', async () => {
  const [one, two] = [await keep('one'), await keep('two')];
  await discardStill(folder, one);
  expect(await readdir(join(folder, 'gate'))).toEqual(['20260613T120500124Z.jpg']);
  await discardStill(folder, two);
  expect(await readdir(folder)).toEqual([]);
});

it('clears what was cut off in the middle, and nothing else', async () => {
  await mkdir(join(folder, 'gate'));
  await writeFile(join(folder, 'gate', '20260613T120500123Z.jpg.partial'), 'half');
  await keep('one');
  await removePartialStills(folder, 'gate');
  expect(await readdir(join(folder, 'gate'))).toEqual(['20260613T120500123Z.jpg']);
  await removePartialStills(folder, 'yard');
});
