/** Is every save told, however fast it follows another, and nothing else? */
import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { folderWith } from '../../test/folder-with.ts';
import { until } from '../../test/until.ts';
import { watchFiles } from './watch-files.ts';

async function watched(files: Readonly<Record<string, string>>) {
  const folder = folderWith(files);
  const saves: string[][] = [];
  const watch = await watchFiles({
    folders: [folder.path],
    isOutside: (path) => path === folder.file('data'),
    onSaved: (saved) => void saves.push(saved.map((file) => file.slice(folder.path.length + 1)).sort()),
    onError: (error) => {
      throw error;
    },
  });
  onTestFinished(async () => {
    await watch.close();
    folder[Symbol.dispose]();
  });
  return { folder, saves };
}

test('files written together are one save; new folders and removed files count', async () => {
  const { folder, saves } = await watched({ 'a.ts': '1', 'b.ts': '1' });
  writeFileSync(folder.file('a.ts'), '2');
  writeFileSync(folder.file('b.ts'), '2');
  await until('a save', () => saves.length > 0);
  expect(saves).toEqual([['a.ts', 'b.ts']]);
  mkdirSync(folder.file('new'));
  writeFileSync(folder.file('new/c.ts'), '1');
  await until('the new file', () => saves.flat().includes('new/c.ts'));
  rmSync(folder.file('a.ts'));
  await until('the removed file', () => saves.at(-1)?.includes('a.ts') === true);
});

test('a file that is written again right behind a save is told again', async () => {
  const { folder, saves } = await watched({ 'a.ts': '0' });
  for (let round = 1; round <= 5; round += 1) {
    const before = saves.length;
    writeFileSync(folder.file('a.ts'), `${round}`);
    await until('the save', () => saves.length > before);
    writeFileSync(folder.file('a.ts'), `${round} again`);
    await until('the second write', () => saves.length > before + 1);
  }
  expect(new Set(saves.flat())).toEqual(new Set(['a.ts']));
});

test('an event that changed nothing is no save', async () => {
  const { folder, saves } = await watched({ 'a.ts': '0', 'b.ts': '0' });
  const at = new Date('2026-01-31T12:00:00Z');
  writeFileSync(folder.file('a.ts'), '1');
  utimesSync(folder.file('a.ts'), at, at);
  await until('the save', () => saves.length > 0);
  // The same once more: the system tells of it, and nothing differs.
  utimesSync(folder.file('a.ts'), at, at);
  writeFileSync(folder.file('b.ts'), '1');
  await until('the other save', () => saves.flat().includes('b.ts'));
  expect(saves).toEqual([['a.ts'], ['b.ts']]);
});

test('the data folder and what is installed are nobody’s code', async () => {
  const { folder, saves } = await watched({ 'a.ts': '0', 'data/x.db': '0', 'node_modules/p/index.js': '0' });
  writeFileSync(folder.file('data/x.db'), '1');
  writeFileSync(folder.file('node_modules/p/index.js'), '1');
  writeFileSync(folder.file('a.ts'), '1');
  await until('a save', () => saves.length > 0);
  expect(saves).toEqual([['a.ts']]);
});
