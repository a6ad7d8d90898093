import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { PluginSource } from '../config/plugin-source.ts';
import { createDevLoader } from './vite-loader.ts';

/** A folder with a loader: what `index.ts` gives, and the writing of its files. */
async function open(files: Readonly<Record<string, string>>) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'heldar-loader-')));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  for (const [name, text] of Object.entries({ 'package.json': '{ "type": "module" }', ...files }))
    write(name, text);
  const loader = await createDevLoader(folder, join(folder, '.vite'));
  onTestFinished(async () => {
    await loader.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const source: PluginSource = {
    specifier: './index.ts',
    file: join(folder, 'index.ts'),
    packageFile: join(folder, 'package.json'),
    load: () => Promise.reject(new Error('Node was asked')),
    again: () => source,
  };
  return { write, load: async () => (await loader.load(source, folder)) as Record<string, unknown> };
}

const files = {
  'index.ts': `export { words } from './words.ts';\nexport { mark } from './same.ts';\n`,
  'words.ts': `export const words: string = 'hello';\n`,
  'same.ts': 'export const mark = Symbol();\n',
};

test('a load takes in what was written since the last one, told of it or not, and evaluates nothing else again', async () => {
  const { write, load } = await open(files);
  const first = await load();
  expect(first['words']).toBe('hello');
  expect(await load()).toBe(first);
  for (const words of ['good evening', 'good night, all']) {
    write('words.ts', `export const words: string = '${words}';\n`);
    const next = await load();
    expect(next['words']).toBe(words);
    expect(next['mark']).toBe(first['mark']);
  }
});

test.each([
  ['can not be read', 'export const words = ;\n', /Unexpected token/],
  ['throws', `throw new Error('no licence');\n`, /no licence/],
  [
    'imports what is not there',
    `export { words } from './later.ts';\n`,
    /Cannot find module '\.\/later\.ts'/,
  ],
])('a module that %s is loaded once it is mended', async (_, text, said) => {
  const { write, load } = await open({ ...files, 'words.ts': text });
  await expect(load()).rejects.toThrow(said);
  await expect(load()).rejects.toThrow(said);
  write('later.ts', `export const words = 'later';\n`);
  if (!text.includes('later')) write('words.ts', `export { words } from './later.ts'; // mended\n`);
  expect((await load())['words']).toBe('later');
});

test('a module that failed of something else is evaluated again at the next load, and its error names its line', async () => {
  const { load } = await open({
    ...files,
    'words.ts': `type Licence = string | undefined;\nif ((process.env['HELDAR_TEST_LICENCE'] as Licence) === undefined) throw new Error('no licence');\nexport const words = 'licensed';\n`,
  });
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('HELDAR_TEST_LICENCE', undefined);
  const error = (await load().catch((thrown: unknown) => thrown)) as Error;
  expect(error.stack).toMatch(/words\.ts:2:/);
  vi.stubEnv('HELDAR_TEST_LICENCE', 'yes');
  expect((await load())['words']).toBe('licensed');
});
