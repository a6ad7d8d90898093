import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { renderApiReport, reportFile } from './report.ts';

test('plugin-sdk/api-report.md is the API of the SDK as it is', { timeout: 120_000 }, async () => {
  const committed = await readFile(reportFile, 'utf8');
  expect(
    await renderApiReport(),
    'The API of the SDK has changed, and with it what plugins are written against. If that is meant, accept it with ' +
      '`npm run api:report` and commit plugin-sdk/api-report.md with the change.',
  ).toBe(committed);
});
