import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { headingId } from './.vitepress/heading-id.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const pages = [
  'README.md',
  ...globSync('docs/**/*.md', { cwd: root }),
  ...globSync('{examples/*,plugins/*,create-heldar-plugin}/README.md', { cwd: root }),
];

test('every link leads to a file and a heading that exist', () => {
  const broken = pages.flatMap((page) =>
    [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^https?:/.test(target) && !leadsSomewhere(page, target))
      .map((target) => `${page}: ${target}`),
  );
  expect(broken).toEqual([]);
});

/** In code or in a diagram: `detections/lane.ts`, `plugins/zones/test/oracle.ts`. Those of the example on the page itself are none of the project. */
test('every file that a page names exists', () => {
  const missing = pages.flatMap((page) => {
    const places = [root, join(root, 'kernel', 'src'), join(root, 'kernel'), join(root, dirname(page))];
    const own = new Set([...textOf(page).matchAll(/^```\w+ (\S+)$/gm)].map(([, name]) => name));
    return [...textOf(page).matchAll(/(?<![\w/.@-])((?:[\w-]+\/)+[\w.-]+\.(?:ts|mjs|sql|md))\b/g)]
      .map(([, name = '']) => name)
      .filter((name) => !own.has(name) && !/^(?:parking|gate)\//.test(name))
      .filter((name) => !places.some((place) => existsSync(join(place, name))))
      .map((name) => `${page}: ${name}`);
  });
  expect(missing).toEqual([]);
});

function leadsSomewhere(page: string, target: string): boolean {
  const [path = '', heading] = target.split('#');
  const file = path === '' ? page : relative(root, join(root, dirname(page), path));
  if (!existsSync(join(root, file))) return false;
  return heading === undefined || headingsOf(file).has(heading);
}

/** As GitHub names them. */
function headingsOf(file: string): Set<string> {
  const titles = [...textOf(file).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title);
  return new Set(titles.map(headingId));
}

function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}
