import { expect, test } from 'vitest';
import { differencesOf } from './differences.ts';
import type { LockedPlugin } from './lock-file.ts';
import type { PresentPlugin } from './present-plugin.ts';

const locked: LockedPlugin = {
  specifier: '@acme/heldar-ppe',
  version: '1.2.0',
  integrity: 'sha512-one',
  capabilities: ['cameras:read'],
  routes: ['GET /api/v1/ppe'],
  tablePrefix: 'ppe_',
  isolation: 'worker',
  migrations: { 'migrations/0001_a.sql': 'aa' },
};
const present: PresentPlugin = {
  ...locked,
  checksum: (path) => (path === 'migrations/0001_a.sql' ? 'aa' : null),
};
const { integrity: _, ...withoutIntegrity } = present;
const { isolation: __, ...withoutIsolation } = present;
const inPlace: PresentPlugin = { ...withoutIntegrity, workspace: true };

/** `+` for what needs a person's word. */
function told(now: PresentPlugin, before: LockedPlugin = locked): string[] {
  return differencesOf(before, now).map(({ text, isWider }) => `${isWider ? '+' : '-'} ${text}`);
}

test('what is as it was locked differs in nothing', () => {
  expect(told(present)).toEqual([]);
});

test.for<[string, PresentPlugin, string[]]>([
  [
    'a new version',
    { ...present, version: '1.3.0', integrity: 'sha512-two' },
    ['+ its version was 1.2.0 and is now 1.3.0'],
  ],
  [
    'changed files of the same version',
    { ...present, integrity: 'sha512-two' },
    ['+ its files are not those of version 1.2.0 that were locked'],
  ],
  [
    'another source',
    { ...present, specifier: '@evil/ppe' },
    ['+ it was named as @acme/heldar-ppe and is now @evil/ppe'],
  ],
  [
    'a link in place of the package',
    inPlace,
    ['+ it was an installed package and is now a folder of the site'],
  ],
  [
    'another capability',
    { ...present, capabilities: ['http:outbound', 'cameras:read'] },
    ['+ capability http:outbound is new'],
  ],
  [
    'fewer capabilities',
    { ...present, capabilities: [] },
    ['- capability cameras:read is no longer asked for'],
  ],
  ['capabilities that only the code will tell', { ...present, capabilities: null }, []],
  [
    'another route',
    { ...present, routes: ['GET /api/v1/all'] },
    ['+ route GET /api/v1/all is new', '- route GET /api/v1/ppe is no longer asked for'],
  ],
  ['stronger isolation', { ...present, isolation: 'process' }, ['- isolation was worker and is now process']],
  ['no isolation', withoutIsolation, ['+ isolation was worker and is now inline']],
  [
    'an edited migration',
    { ...present, checksum: () => 'bb' },
    ['+ shipped migration migrations/0001_a.sql was edited'],
  ],
  [
    'a lost migration',
    { ...present, checksum: () => null },
    ['+ shipped migration migrations/0001_a.sql is gone'],
  ],
])('%s', ([, now, expected]) => {
  expect(told(now)).toEqual(expected);
});

test('a version of a folder that is edited where it lies says nothing, and installing it is another thing', () => {
  const { integrity: ___, ...rest } = locked;
  const own: LockedPlugin = { ...rest, workspace: true };
  expect(told({ ...inPlace, version: '9.0.0' }, own)).toEqual([]);
  expect(told(present, own)).toEqual(['+ it was a folder of the site and is now an installed package']);
});
