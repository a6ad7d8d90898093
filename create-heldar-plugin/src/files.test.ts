import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readFiles, writeFiles } from './files.ts';

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'heldar-files-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('the text files of a project are read, by path; what is installed, built, linked or binary is not', async () => {
  const folder = emptyFolder();
  const kept = ['.gitignore', 'package.json', 'src/data/a.ts', 'src/z.ts'];
  const left = ['node_modules/a/a.js', 'src/node_modules/a.js', 'dist/a.js', 'data/a.db', '.git/config'];
  await writeFiles(folder, new Map([...kept, ...left].map((path) => [path, path])));
  writeFileSync(join(folder, 'picture.jpg'), new Uint8Array([1, 0, 2]));
  mkdirSync(join(folder, 'elsewhere'));
  symlinkSync(join(folder, 'src'), join(folder, 'elsewhere/link'));
  expect([...(await readFiles(folder))]).toEqual(kept.map((path) => [path, path]));
});

test('a file that can not be written is named, with what to do', async () => {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'src'), '');
  const writing = writeFiles(folder, new Map([['src/a.ts', '']]));
  await expect(writing).rejects.toMatchObject({
    message: expect.stringContaining(`${join(folder, 'src/a.ts')} can't be written: `) as unknown,
    next: expect.stringContaining('then repeat the command') as unknown,
  });
});
