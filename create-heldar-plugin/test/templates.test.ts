/** Do the templates fit this project: its versions, its rules for plugins, each other? */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import semver from 'semver';
import { expect, test } from 'vitest';
import { type Template, templates } from '../src/choices.ts';
import { readTemplate } from '../src/create/read-template.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const all = Object.keys(templates) as Template[];

interface PackageJson {
  readonly version: string;
  readonly heldar: {
    readonly name: string;
    readonly template: { readonly name: string; readonly version: string };
  };
  readonly scripts: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const packageOf = async (template: Template) =>
  JSON.parse((await readTemplate(template)).get('package.json') ?? '') as PackageJson;
const own = (folder: string) =>
  JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as PackageJson;

test('all are of one version, and say which they are', async () => {
  const marks = await Promise.all(all.map(async (template) => (await packageOf(template)).heldar.template));
  expect(marks.map(({ name }) => name)).toEqual(all);
  expect(new Set(marks.map(({ version }) => version)).size).toBe(1);
});

test.for(all)('%s asks for the packages that this project is tested with', async (template) => {
  const { peerDependencies, dependencies, devDependencies } = await packageOf(template);
  const wanted = { ...own('plugin-sdk').dependencies, ...own('.').devDependencies };
  for (const [name, range] of Object.entries({ ...peerDependencies, ...dependencies, ...devDependencies }))
    expect(
      name.startsWith('@heldar/') ? semver.satisfies(own(name.slice(8)).version, range) : range,
      name,
    ).toBe(name.startsWith('@heldar/') ? true : wanted[name]);
});

test.for(all)('%s has what every project has', async (template) => {
  const files = [...(await readTemplate(template)).keys()];
  for (const path of [
    'README.md',
    '.gitignore',
    'heldar.config.ts',
    'tsconfig.json',
    '.github/workflows/check.yml',
  ])
    expect(files).toContain(path);
  expect(files).toContain('test/conformance.test.ts');
  const { scripts } = await packageOf(template);
  expect(scripts).toMatchObject({ dev: 'heldar dev', test: 'vitest run' });
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['build', 'typecheck']));
});
