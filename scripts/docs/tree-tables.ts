/** Which file answers which question? Read from the first comment of every source file. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { table } from './markdown.ts';

const folders = ['kernel/src', 'plugin-sdk/src', 'plugins/zones/src', 'create-heldar-plugin/src'] as const;

/** @throws Error naming the files that do not open with a comment. */
export function renderTreeTables(root: string): string {
  const files = folders.flatMap((folder) => sourceFiles(root, folder));
  const questions = new Map(files.map((file) => [file, questionOf(readFileSync(join(root, file), 'utf8'))]));
  const silent = [...questions].filter(([, question]) => question === null).map(([file]) => file);
  if (silent.length > 0) throw new Error(`these files do not open with a comment: ${silent.join(', ')}`);
  const byFolder = Map.groupBy(files, (file) => file.slice(0, file.lastIndexOf('/')));
  return [...byFolder]
    .map(([folder, members]) => {
      const rows = members.map((file) => [`\`${file.slice(folder.length + 1)}\``, questions.get(file) ?? '']);
      return `### ${folder}\n\n${table(['File', 'Question it answers'], rows)}`;
    })
    .join('\n\n');
}

/** The first paragraph of the comment a source begins with, in one line; null when it begins with none. */
export function questionOf(source: string): string | null {
  const comment = /^\/\*\*([\s\S]*?)\*\//.exec(source)?.[1];
  if (comment === undefined) return null;
  const lines = comment.split('\n').map((line) => line.replace(/^\s*\*? ?/, '').trim());
  const text = lines.join('\n').trim().split('\n\n')[0]?.replaceAll('\n', ' ').trim() ?? '';
  return text === '' ? null : text;
}

/** Files before folders, tests, declarations and what only tests use left out. */
function sourceFiles(root: string, folder: string): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  const files = entries.filter((entry) => entry.isFile() && isSource(entry.name));
  const below = entries.filter((entry) => entry.isDirectory() && entry.name !== 'fixtures');
  return [
    ...files.map(({ name }) => `${folder}/${name}`),
    ...below.flatMap(({ name }) => sourceFiles(root, `${folder}/${name}`)),
  ];
}

function isSource(name: string): boolean {
  return name.endsWith('.ts') && !/\.(?:test|test-d|d)\.ts$/.test(name) && !name.endsWith('-for-tests.ts');
}
