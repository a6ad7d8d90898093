import { expect, test } from 'vitest';
import {
  type Licence,
  licences,
  type PackageManager,
  packageManagers,
  type Template,
  templates,
} from '../choices.ts';
import { readLicence, readTemplate } from './read-template.ts';
import { type Project, renderProject } from './render-project.ts';

const project: Project = {
  name: 'parking-lot',
  packageName: '@acme/parking',
  licence: 'MIT',
  packageManager: 'npm',
  year: 2026,
};

async function render(template: Template, fields: Partial<Project> = {}) {
  const all = { ...project, ...fields };
  return renderProject(all, await readTemplate(template), await readLicence(all.licence));
}

test.for(Object.keys(templates) as Template[])(
  '%s: nothing is left of the name of the template',
  async (template) => {
    const files = await render(template);
    for (const [path, text] of files) expect(`${path}\n${text}`).not.toMatch(/my[-_]plugin/);
    expect(JSON.parse(files.get('package.json') ?? '')).toMatchObject({
      name: '@acme/parking',
      license: 'MIT',
      heldar: { name: 'parking-lot', template: { name: template } },
    });
    expect(files.get('src/index.ts')).toContain("name: 'parking-lot'");
    expect([...files.keys()]).toContain('.gitignore');
  },
);

test('tables begin with the name, with underscores', async () => {
  const files = await render('app');
  expect(files.get('migrations/0001_visits.sql')).toContain('CREATE TABLE parking_lot_visits');
  expect(files.get('src/schema.ts')).toContain("sqliteTable('parking_lot_visits'");
});

test.for(Object.keys(licences) as Licence[])(
  'the licence %s is a whole text and named by the package',
  async (licence) => {
    const files = await render('consumer', { licence });
    expect(files.get('LICENSE')?.length).toBeGreaterThan(150);
    expect(files.get('LICENSE')).not.toMatch(/\{\w+\}/);
    const content = JSON.parse(files.get('package.json') ?? '') as Record<string, unknown>;
    expect(content['license']).toBe(licence);
    expect(content['private']).toBe(licence === 'UNLICENSED' ? true : undefined);
  },
);

test.for(Object.keys(packageManagers) as PackageManager[])(
  'all commands are those of %s',
  async (packageManager) => {
    const files = await render('consumer', { packageManager });
    const workflow = files.get('.github/workflows/check.yml') ?? '';
    expect(workflow).toContain(`- run: ${packageManager} install\n`);
    expect(workflow).toContain(`- run: ${packageManager} run typecheck\n`);
    const texts = [workflow, files.get('README.md'), files.get('heldar.config.ts')].join('\n');
    expect(/\bnpm (?:install|run|test)\b/.test(texts)).toBe(packageManager === 'npm');
    expect(files.has('.yarnrc.yml')).toBe(packageManager === 'yarn');
  },
);
