/** From every template that was ever released to the one of today: is a project that nobody changed the same as a new one, and does one that somebody changed keep the changes? */
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { readLicence, readTemplate } from '../src/create/read-template.ts';
import { type Project, renderProject } from '../src/create/render-project.ts';
import { type Files, readFiles, writeFiles } from '../src/files.ts';
import { readMark } from '../src/update/template-mark.ts';
import { readReleased, releases } from './released-templates.ts';
import { runMain } from './run-main.ts';

const project: Project = {
  name: 'parking-lot',
  packageName: '@acme/parking',
  licence: 'MIT',
  packageManager: 'npm',
  year: 2026,
};
const workflow = '.github/workflows/check.yml';

async function render(template: Files): Promise<Files> {
  return renderProject(project, template, await readLicence(project.licence));
}

/** A folder with these files; answers what `update` leaves in it. */
async function update(files: Files, flags: readonly string[] = []) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'heldar-update-')));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await writeFiles(folder, files);
  const outcome = await runMain(['update', ...flags], folder);
  return { ...outcome, folder, files: await readFiles(folder) };
}

test('the templates are frozen as they are now, so that a change of them comes with a version and a codemod', async () => {
  for (const { template } of releases) {
    const files = await readTemplate(template);
    const { version } = readMark(files);
    const hint =
      'raise heldar.template.version of all templates and add a codemod; npm run freeze -w create-heldar-plugin';
    expect(releases, hint).toContainEqual({ version, template });
    expect(await readReleased(version, template), hint).toEqual(files);
  }
});

test.for(releases)(
  '$version/$template: a project that nobody has changed becomes what is made today',
  async ({ version, template }) => {
    const before = await render(await readReleased(version, template));
    const { code, files } = await update(before);
    expect(code).toBe(0);
    const now = await render(await readTemplate(template));
    expect(sorted(files)).toEqual(sorted(now));
    expect((await update(files)).out.at(-1)).toMatch(/the newest: nothing to do$/);
  },
);

test.for(releases)(
  '$version/$template: whatever its author has changed or added stays',
  async ({ version, template }) => {
    const released = await render(await readReleased(version, template));
    const own = new Map(released);
    const change = (path: string, edit: (text: string) => string) => own.set(path, edit(own.get(path) ?? ''));
    change('src/index.ts', (text) => `// mine\n${text}`);
    change('README.md', () => 'mine\n');
    change(workflow, (text) => text.replace('npm test', 'npm test -- --coverage'));
    own.set('src/mine.ts', 'export const mine = 1;\n');
    change('package.json', (text) =>
      text.replace('"dev": "heldar dev"', '"dev": "heldar dev --config mine.ts"'),
    );
    const { code, out, files } = await update(own);
    expect(code).toBe(0);
    for (const path of ['src/index.ts', 'README.md', 'src/mine.ts', workflow])
      expect(files.get(path)).toBe(own.get(path));
    expect(files.get('package.json')).toContain('heldar dev --config mine.ts');
    const builds = released.get(workflow)?.includes('npm run build') ?? false;
    expect(out.join('\n').includes(`${workflow}: add the step`)).toBe(!builds);
  },
);

test('what would change is told, and nothing is changed, with --dry-run', async () => {
  const before = await render(await readReleased('0.0.1', 'consumer'));
  const { out, files } = await update(before, ['--dry-run']);
  expect(out).toEqual([
    '✔ 0001 the conformance suite among its tests  (test/conformance.test.ts)',
    '✔ 0002 a minute for each test  (vitest.config.ts)',
    '✔ 0003 a build before each npm pack and npm publish  (package.json)',
    '✔ 0004 a build in its check on GitHub  (.github/workflows/check.yml)',
    '✔ 0005 a package.json that states its capabilities  (package.json)',
    '● consumer 0.0.1 would become 0.1.0; nothing was changed',
  ]);
  expect(sorted(files)).toEqual(sorted(before));
});

test('changes that are not committed are not mixed with those of an update, unless that is asked for', async () => {
  const before = await render(await readReleased('0.0.1', 'consumer'));
  const { folder } = await update(before, ['--dry-run']);
  await execa('git', ['init', '--quiet'], { cwd: folder });
  expect(await runMain(['update'], folder)).toMatchObject({
    code: 1,
    err: [expect.stringMatching(/not committed[^]*next: commit them first, or add --force/)],
  });
  expect(readFileSync(join(folder, 'package.json'), 'utf8')).toContain('0.0.1');
  expect((await runMain(['update', '--force'], folder)).code).toBe(0);
});

test('a folder that is no plugin, or is not there, is told with what to do', async () => {
  const { folder } = await update(new Map([['package.json', '{}']]));
  expect((await runMain(['update'], folder)).err.join()).toMatch(
    /heldar\.template is missing[^]*next: add "template"/,
  );
  expect((await runMain(['update', 'elsewhere'], folder)).err.join()).toMatch(
    /there is no folder .*elsewhere/,
  );
});

function sorted(files: Files): [string, string][] {
  return [...files].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
