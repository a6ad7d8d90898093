/** Is the site whole: is every page in its navigation, and does every link within it lead somewhere? */
import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../kernel/test/system-browser.ts';
import { serveFolder } from '../scripts/docs/static-server.ts';
import { homePage, listPages } from './.vitepress/navigation.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
let folder: string;
/** Text of each built page, by its path in the site. */
let built: ReadonlyMap<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heldar-site-'));
  const vitepress = join(root, 'node_modules', 'vitepress', 'bin', 'vitepress.js');
  // A page with a dead link or a link to a file that is gone ends the build.
  await promisify(execFile)(process.execPath, [vitepress, 'build', 'docs', '--outDir', folder], {
    cwd: root,
  });
  const files = globSync('**/*.html', { cwd: folder }).filter((file) => file !== '404.html');
  built = new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
}, 180_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

test('every page is in the navigation (docs/.vitepress/navigation.ts), and every page there is built', () => {
  const listed = listPages(root).map((page) =>
    page === homePage ? 'index.html' : page.replace(/\.md$/, '.html'),
  );
  expect(new Set(listed).size).toBe(listed.length);
  expect([...built.keys()].sort()).toEqual(listed.sort());
});

test('every link within the site leads to a page, a heading or a file that is there', () => {
  const carried = new Set(globSync('**/*.txt', { cwd: folder }));
  const dead = [...built].flatMap(([page, html]) =>
    [...html.matchAll(/<a [^>]*?href="([^"]*)"/g)]
      .map(([, href = '']) => href.replaceAll('&amp;', '&'))
      .filter((href) => !/^[a-z]+:/.test(href) && !leadsSomewhere(page, href, carried))
      .map((href) => `${page}: ${href}`),
  );
  expect(dead).toEqual([]);
});

test('a block of code that is a file has its name above it, and no line of it is marked', () => {
  expect(built.get('docs/tutorial.html')).toContain(
    '<div class="file-name">migrations/0001_visits.sql</div>',
  );
  for (const [page, html] of built) expect(html, page).not.toContain('class="line highlighted');
});

test('nothing on a page comes from another host', () => {
  for (const [page, html] of built)
    expect(html, page).not.toMatch(/<(?:script|link|img|iframe)[^>]+(?:src|href)="(?:https?:)?\/\//);
});

test('in a browser every diagram is drawn and the search finds, with nothing but what the site holds', async () => {
  await using site = await serveFolder(folder);
  await using browser = await launchBrowser();
  const page = await browser.newPage();
  const strange: string[] = [];
  page.on('request', (request) => {
    if (!/^(?:data|blob):/.test(request.url()) && !request.url().startsWith(`${site.origin}/`))
      strange.push(request.url());
  });
  page.on('pageerror', (error) => strange.push(error.message));

  const withDiagrams = [...built].filter(([, html]) => html.includes('class="diagram"'));
  expect(withDiagrams.map(([path]) => path)).toEqual(
    expect.arrayContaining(['docs/concepts.html', 'docs/flows.html']),
  );
  for (const [path, html] of withDiagrams) {
    await page.goto(`${site.origin}/${path}`);
    const expected = html.match(/class="diagram"/g)?.length;
    const drawn = () => page.locator('div.diagram > svg').count();
    await expect.poll(drawn, { message: path, timeout: 30_000 }).toBe(expected);
  }

  await page.locator('.VPNavBarSearch button').first().click();
  await page.locator('#localsearch-input').fill('fence');
  await expect.poll(() => page.locator('.results .result').count(), { timeout: 30_000 }).toBeGreaterThan(2);
  expect(strange).toEqual([]);
});

function leadsSomewhere(page: string, href: string, carried: ReadonlySet<string>): boolean {
  const [path = '', heading = ''] = href.split('#');
  const file = path === '' ? page : fileOf(posix.join('/', dirname(page), path), path);
  if (carried.has(file)) return true;
  const html = built.get(file);
  return html !== undefined && (heading === '' || html.includes(`id="${decodeURIComponent(heading)}"`));
}

/** `absolute`: the link seen from its page; `path`: the link itself. */
function fileOf(absolute: string, path: string): string {
  const file = (path.startsWith('/') ? path : absolute).slice(1);
  return file === '' || file.endsWith('/') ? `${file}index.html` : file;
}
