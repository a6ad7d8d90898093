import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nameClosedFile } from './durable-link.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heldar-link-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('takes the next free second rather than overwrite footage', async () => {
  const start = Date.UTC(2026, 0, 31, 10, 0, 0, 700);
  const named: string[] = [];
  for (const content of ['first', 'second', 'third']) {
    await writeFile(join(folder, 'open.mp4'), content);
    named.push(await nameClosedFile(folder, 'open.mp4', start));
  }
  expect(named).toEqual(['20260131_100000.mp4', '20260131_100001.mp4', '20260131_100002.mp4']);
  expect((await readdir(folder)).sort()).toEqual(named);
  expect(await readFile(join(folder, '20260131_100000.mp4'), 'utf8')).toBe('first');
});
