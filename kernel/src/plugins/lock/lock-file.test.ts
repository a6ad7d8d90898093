import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { folderWith } from '../../../test/folder-with.ts';
import { HeldarError } from '../../errors.ts';
import { lockFileOf, lockTextOf, placeInLock, readLock, writeLock, type LockedPlugin } from './lock-file.ts';

const integrity = `sha512-${'A'.repeat(86)}==`;
const installed: LockedPlugin = {
  specifier: '@acme/heldar-ppe',
  version: '1.2.0',
  integrity,
  capabilities: ['http:outbound', 'cameras:read'],
  routes: [],
  tablePrefix: 'ppe_',
  isolation: 'process',
  migrations: { 'migrations/0002_b.sql': 'b'.repeat(64), 'migrations/0001_a.sql': 'a'.repeat(64) },
};
const own: LockedPlugin = {
  specifier: './parking/index.ts',
  version: '0.0.0',
  workspace: true,
  capabilities: [],
  routes: [],
  tablePrefix: 'parking_',
  migrations: {},
};

test('a lock lies beside its composition and bears its name', () => {
  expect(lockFileOf('/site/heldar.config.ts')).toBe('/site/heldar.lock');
  expect(lockFileOf('/site/heldar.config.mjs')).toBe('/site/heldar.lock');
  expect(lockFileOf('/site/compositions/shop.ts')).toBe('/site/compositions/shop.heldar.lock');
});

test('the same plugins give the same text, in whatever order they are known', () => {
  const one = lockTextOf(
    new Map([
      ['ppe', installed],
      ['parking', own],
    ]),
  );
  const other = lockTextOf(
    new Map([
      ['parking', { ...own }],
      [
        'ppe',
        {
          ...installed,
          migrations: Object.fromEntries(Object.entries(installed.migrations).toReversed()),
          capabilities: installed.capabilities.toReversed(),
        },
      ],
    ]),
  );
  expect(other).toBe(one);
  expect(one).toMatchInlineSnapshot(`
    "{
      "lockVersion": 1,
      "plugins": {
        "parking": {
          "specifier": "./parking/index.ts",
          "version": "0.0.0",
          "workspace": true,
          "capabilities": [],
          "routes": [],
          "tablePrefix": "parking_",
          "migrations": {}
        },
        "ppe": {
          "specifier": "@acme/heldar-ppe",
          "version": "1.2.0",
          "integrity": "sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
          "capabilities": [
            "cameras:read",
            "http:outbound"
          ],
          "routes": [],
          "tablePrefix": "ppe_",
          "isolation": "process",
          "migrations": {
            "migrations/0001_a.sql": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "migrations/0002_b.sql": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
          }
        }
      }
    }
    "
  `);
});

test('what is written is read again, and the place of a plugin in it is known', () => {
  using folder = folderWith({});
  const file = folder.file('heldar.lock');
  expect(readLock(file)).toBeNull();
  writeLock(file, new Map([['ppe', installed]]));
  const read = readLock(file);
  expect([...(read ?? [])]).toEqual([
    ['ppe', { ...installed, capabilities: ['cameras:read', 'http:outbound'] }],
  ]);
  expect(lockTextOf(read ?? new Map())).toBe(readFileSync(file, 'utf8'));
  expect(placeInLock(file, 'ppe')).toBe(`${file}:4`);
  expect(placeInLock(file, 'parking')).toBe(file);
});

test.for<[string, string, RegExp]>([
  ['a text with conflict marks', '<<<<<<< ours\n{}', /heldar\.lock cannot be used: .*JSON/s],
  ['another version', '{ "lockVersion": 2, "plugins": {} }', /lockVersion: /],
  [
    'a plugin without its source',
    '{ "lockVersion": 1, "plugins": { "ppe": { "version": "1.0.0" } } }',
    /plugins\.ppe\.specifier: /,
  ],
  ['another hash', locking({ integrity: 'sha1-x' }), /plugins\.ppe\.integrity: expected "sha512-…"/],
  ['an unknown capability', locking({ capabilities: ['root'] }), /plugins\.ppe\.capabilities\.0: /],
])('%s is refused with what is wrong and the next step', ([, text, message]) => {
  using folder = folderWith({ 'heldar.lock': text });
  const read = () => readLock(folder.file('heldar.lock'));
  expect(read).toThrow(HeldarError);
  expect(read).toThrow(message);
  expect(read).toThrow('next: take it from version control');
});

function locking(change: object): string {
  return JSON.stringify({ lockVersion: 1, plugins: { ppe: { ...installed, ...change } } });
}
