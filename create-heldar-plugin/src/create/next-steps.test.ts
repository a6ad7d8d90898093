import { expect, test } from 'vitest';
import { nextSteps } from './next-steps.ts';

test.for([
  ['/sites/gate', 'npm', true, ['cd gate', 'npm run dev', 'npm test']],
  ['/sites/gate', 'yarn', false, ['cd gate', 'yarn install', 'yarn run dev']],
  ['/sites', 'npm', true, ['npm run dev', 'npm test', 'npm run build']],
  ['/sites', 'pnpm', false, ['pnpm install', 'pnpm run dev', 'pnpm run test']],
  ['/a place', 'npm', false, ['cd "../a place"', 'npm install', 'npm run dev']],
] as const)('%s with %s, installed: %s', ([folder, packageManager, isInstalled, steps]) => {
  expect(nextSteps({ folder, packageManager }, '/sites', isInstalled)).toEqual(steps);
});
