/** Writes the generated pages: `node --conditions=heldar-source scripts/docs/generate.ts [api] [tree] [errors] [sdk]`, all of them without a name. */
import { writeFile } from 'node:fs/promises';
import { pages } from './pages.ts';

const names = process.argv.slice(2);
const wanted = pages.filter(({ name }) => names.length === 0 || names.includes(name));
if (names.some((name) => !pages.some((page) => page.name === name)))
  throw new Error(
    `expected ${[...new Set(pages.map(({ name }) => name))].join(', ')}, got ${names.join(' ')}`,
  );
for (const page of wanted) await writeFile(page.file, await page.render());
