import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

interface CodeBlock {
  readonly page: string;
  readonly language: string;
  /** Behind the language: ```ts parking/src/index.ts. */
  readonly path: string | null;
  readonly text: string;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const pages = ['README.md', 'docs/writing-a-plugin.md'];
let blocks: CodeBlock[];
let folder: string;

/** The blocks as files, beside each other as their paths say, within the project: packages resolve as they do there. */
beforeAll(async () => {
  blocks = (await Promise.all(pages.map(readBlocks))).flat();
  await mkdir(join(root, '.heldar'), { recursive: true });
  folder = await mkdtemp(join(root, '.heldar', 'docs-code-'));
  for (const [index, { language, path, text }] of blocks.entries())
    if (path !== null) await put(path, text);
    else if (language === 'ts') await put(`block-${index}.ts`, text);
  // As the project's own, which leaves this folder out.
  await put(
    'vitest.config.mjs',
    `import own from '../../vitest.config.ts';\nexport default { ...own, test: { ...own.test, exclude: [] } };\n`,
  );
  await put('tsconfig.json', JSON.stringify({ extends: '../../docs/tsconfig.json', include: ['./**/*.ts'] }));
});
afterAll(() => rm(folder, { recursive: true }));

test('there is code to check on each page', () => {
  const checked = blocks.filter(({ language }) => language === 'ts');
  expect(new Set(checked.map(({ page }) => page))).toEqual(new Set(pages));
});

test('code that names a file of the project is that file', async () => {
  const named = blocks.filter(({ path }) => path !== null && existsSync(join(root, path)));
  expect(named.length).toBeGreaterThan(0);
  for (const { path, text } of named) expect(text).toBe(await readFile(join(root, path ?? ''), 'utf8'));
});

test('all of it compiles', async () => {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  expect(await run([compiler, '-p', join(folder, 'tsconfig.json')])).toEqual({ code: 0, output: '' });
});

test('the tests of the plugin that docs/writing-a-plugin.md builds pass', { timeout: 180_000 }, async () => {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const config = join(folder, 'vitest.config.mjs');
  const { code, output } = await run([vitest, 'run', '--root', folder, '--config', config]);
  expect(code, output).toBe(0);
  expect(output).toMatch(/Test Files\s+2 passed/);
});

async function readBlocks(page: string): Promise<CodeBlock[]> {
  const text = await readFile(join(root, page), 'utf8');
  return [...text.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(
    ([, language = '', path, code = '']) => ({ page, language, path: path ?? null, text: code }),
  );
}

async function put(path: string, text: string): Promise<void> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

function run(args: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined };
    execFile(process.execPath, args, { cwd: root, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr });
    });
  });
}
