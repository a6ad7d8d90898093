import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createFileStamps } from './file-stamps.ts';

test('a file that was written, replaced or removed since is told of until it is forgotten or noted anew', () => {
  const folder = mkdtempSync(join(tmpdir(), 'heldar-stamps-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = (name: string) => join(folder, name);
  const [written, replaced, removed, same] = [path('a'), path('b'), path('c'), path('d')];
  const stamps = createFileStamps();
  for (const file of [written, replaced, removed, same]) {
    writeFileSync(file, 'as it was');
    stamps.note(file);
  }
  stamps.note(path('never there'));
  stamps.note(folder);
  expect(stamps.stale()).toEqual([]);

  writeFileSync(written, 'written again');
  writeFileSync(path('other'), 'as it was');
  renameSync(path('other'), replaced);
  rmSync(removed);
  expect(stamps.stale()).toEqual([written, replaced, removed]);
  stamps.note(written);
  stamps.forget([replaced]);
  expect(stamps.stale()).toEqual([removed]);
});
