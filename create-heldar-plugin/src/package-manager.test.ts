import { expect, test } from 'vitest';
import { inWordsOf, runningPackageManager } from './package-manager.ts';

test('the package manager that runs the command says so itself', () => {
  expect(runningPackageManager('pnpm/10.1.0 npm/? node/v24.1.0 linux x64')).toBe('pnpm');
  expect(runningPackageManager('npm/11.0.0 node/v24.1.0 linux x64 workspaces/false')).toBe('npm');
  expect(runningPackageManager('deno/2.0.0')).toBe('npm');
  expect(runningPackageManager(undefined)).toBe('npm');
});

test('commands are said in its words, and other words stay', () => {
  expect(inWordsOf('yarn', 'npm install, npm test, npm run dev, npm create x')).toBe(
    'yarn install, yarn run test, yarn run dev, npm create x',
  );
});
