import * as fc from 'fast-check';
import { getTableName } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { nameFromPackage } from '../../../kernel/src/config/plugin-source.ts';
import { isPluginName, type Manifest } from '../../../kernel/src/plugins/manifest.ts';
import { preflight } from '../../../kernel/src/plugins/preflight.ts';
import { kernelTables } from '../../../kernel/src/store/kernel-tables.ts';
import { nameProblem, packageNameProblem, suggestedName } from './plugin-name.ts';

/** What the kernel says of a plugin that is called so: null when it would start it. */
function refusedByKernel(name: string): boolean {
  if (!isPluginName(name)) return true;
  const manifest: Manifest = {
    name,
    version: '1.0.0',
    api: '^1.0.0',
    requires: {},
    tablePrefix: null,
    release: [],
    routes: [],
    capabilities: [],
    isolation: 'inline',
    folder: null,
  };
  return preflight([{ name, manifest }], '1.0.0', []).failures.has(name);
}

const tables = kernelTables.map(getTableName).concat('schema_migrations', 'sqlite_x');
/** Every name whose prefix a table of the kernel begins with, and a little more. */
const nearKernel = tables.flatMap((table) => {
  const words = table.split('_');
  return words.map((_, index) => words.slice(0, index + 1).join('-'));
});

test('a name is refused exactly when the kernel refuses it', () => {
  const anyName = fc.oneof(
    fc.string({ maxLength: 70 }),
    fc.stringMatching(/^[a-z][a-z0-9-]{0,70}$/),
    fc.constantFrom(...nearKernel, 'kernel', 'worker', 'zones', 'a', 'a-'),
  );
  const property = fc.property(anyName, (name) => {
    expect(nameProblem(name) !== null).toBe(refusedByKernel(name));
  });
  fc.assert(property, { numRuns: 500, examples: nearKernel.map((name) => [name]) });
});

test.for([
  ['', 'a plugin needs a name'],
  ['Parking', "'Parking' has to be lower-case letters, digits and hyphens, a letter first"],
  ['my_plugin', "'my_plugin' has to be lower-case letters, digits and hyphens, a letter first"],
  ['a'.repeat(64), 'has 64 characters; 63 are the most'],
  ['kernel', "'kernel' is the kernel's own name"],
  ['camera', "the tables of 'camera' would mix with 'camera_incarnations' of the kernel"],
] as const)("'%s' is refused with the reason", ([name, reason]) => {
  expect(nameProblem(name)).toContain(reason);
});

test('a folder suggests the name that the kernel derives from a package that is called so', () => {
  for (const name of ['parking', 'heldar-parking', 'plugin-parking', 'heldar-plugin-parking']) {
    expect(suggestedName(`/sites/${name}`)).toBe('parking');
    expect(suggestedName(name)).toBe(nameFromPackage(name));
  }
});

test('names of npm packages are taken, others refused', () => {
  for (const name of ['parking', '@acme/heldar-parking', 'a.b_c-1'])
    expect(packageNameProblem(name)).toBeNull();
  for (const name of ['Parking', '@acme', 'a/b', '.hidden', 'a b', 'x'.repeat(215)])
    expect(packageNameProblem(name)).not.toBeNull();
});
