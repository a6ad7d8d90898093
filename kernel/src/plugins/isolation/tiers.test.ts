import { expect, test } from 'vitest';
import { bareEnvironment, conditionFlags, withoutOwnVariables } from './environment.ts';
import { strongerThan, tierOf } from './tiers.ts';

test('the composition can ask for a stronger wall than the package, not for a weaker one', () => {
  expect(tierOf({ isolation: 'worker' }, {})).toBe('worker');
  expect(tierOf({ isolation: 'worker' }, { isolation: 'process' })).toBe('process');
  expect(tierOf({ isolation: 'process' }, { isolation: 'inline' })).toBe('process');
  expect(tierOf({ isolation: 'inline' }, {})).toBe('inline');
  expect(strongerThan('inline')).toBe('worker');
  expect(strongerThan('process')).toBeNull();
});

test('a process gets a bare environment, a thread all but the kernel’s own variables', () => {
  const variables = {
    PATH: '/bin',
    LC_ALL: 'C',
    HELDAR_DATA_DIR: '/data',
    API_TOKEN: 'secret',
    GONE: undefined,
  };
  expect(bareEnvironment(variables)).toEqual({ PATH: '/bin', LC_ALL: 'C' });
  expect(withoutOwnVariables(variables)).toEqual({ PATH: '/bin', LC_ALL: 'C', API_TOKEN: 'secret' });
});

test('a process resolves packages as the kernel does, and takes over no other flag', () => {
  expect(conditionFlags(['--inspect', '--conditions=heldar-source', '-C', 'other', '--expose-gc'])).toEqual([
    '--conditions=heldar-source',
    '-C',
    'other',
  ]);
});
