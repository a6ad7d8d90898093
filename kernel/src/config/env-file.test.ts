import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith } from '../../test/folder-with.ts';
import { loadEnvFile } from './env-file.ts';
import type { Env } from './env-file.ts';

test('the nearest .env adds what is not set and never overrides', () => {
  using folder = folderWith({
    '.env': 'HELDAR_API_PORT=1\n',
    'site/.env': '# the site\nexport HELDAR_API_PORT=9000\nHELDAR_LOG="debug" # loud\nHELDAR_SITE_ID=a\n',
    'site/inner/file': '',
  });
  const env: Env = { HELDAR_SITE_ID: '' };
  const found = loadEnvFile(folder.file('site/inner'), env);
  expect(found?.file).toBe(folder.file('site/.env'));
  expect(env).toEqual({ HELDAR_API_PORT: '9000', HELDAR_LOG: 'debug', HELDAR_SITE_ID: '' });
  expect(found?.lines).toEqual(
    new Map([
      ['HELDAR_API_PORT', 2],
      ['HELDAR_LOG', 3],
    ]),
  );
});

test('the last of two assignments counts, and is the line that is named', () => {
  using folder = folderWith({ '.env': 'A=1\nB=2\n  A = 3\n' });
  const env: Env = {};
  expect(loadEnvFile(folder.path, env)?.lines.get('A')).toBe(3);
  expect(env['A']).toBe('3');
});

test('a folder named .env is no such file', () => {
  using folder = folderWith({ 'a/.env/inner': '', '.env': 'A=1' });
  expect(loadEnvFile(join(folder.path, 'a'), {})?.file).toBe(folder.file('.env'));
});
