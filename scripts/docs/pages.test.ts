import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { expect, test } from 'vitest';
import { pages } from './pages.ts';

test.for(pages.map((page) => [relative(process.cwd(), page.file), page] as const))(
  '%s is what the sources say (npm run docs writes it anew)',
  async ([, page]) => {
    expect(await readFile(page.file, 'utf8')).toBe(await page.render());
  },
);
