import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Command → its subcommands; none: it has arguments. */
const commands = new Map<string, readonly string[]>();

beforeAll(() => {
  for (const name of listed([])) commands.set(name, listed([name]));
});

test('README.md names every command of heldar', () => {
  const table = readFileSync(join(root, 'README.md'), 'utf8').matchAll(/^\| `([a-z]+)\b/gm);
  expect(new Set([...table].map(([, name]) => name))).toEqual(new Set(commands.keys()));
});

test('every command that a page names exists', () => {
  const pages = [
    'README.md',
    ...globSync('{docs,examples,plugins}/**/*.md', { cwd: root, exclude: ['**/node_modules/**'] }),
  ];
  const unknown = pages.flatMap((page) => {
    const used = readFileSync(join(root, page), 'utf8').matchAll(
      /(?:^|`|\$ )(?:npm run heldar -- |heldar )([a-z]+)(?: ([a-z]+))?/gm,
    );
    return [...used].filter(([, name = '', sub]) => !exists(name, sub)).map(([text]) => `${page}: ${text}`);
  });
  expect(unknown).toEqual([]);
});

function exists(name: string, sub: string | undefined): boolean {
  const subs = commands.get(name);
  return subs !== undefined && (subs.length === 0 || sub === undefined || subs.includes(sub));
}

/** The commands that the help lists. */
function listed(path: readonly string[]): string[] {
  const args = ['--conditions=heldar-source', join(root, 'kernel', 'bin', 'heldar.mjs'), ...path, '--help'];
  const help = execFileSync(process.execPath, args, { encoding: 'utf8' });
  const section = /^Commands:\n((?: {2}.*\n?)+)/m.exec(help)?.[1] ?? '';
  return [...section.matchAll(/^ {2}([a-z][\w-]*)/gm)].flatMap(([, name]) =>
    name === undefined || name === 'help' ? [] : [name],
  );
}
