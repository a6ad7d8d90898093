import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import { renderReference } from './reference.ts';

const file = fileURLToPath(new URL('../../../docs/configuration.md', import.meta.url));

test('docs/configuration.md says what the table of settings says (npm run docs:config writes it)', async () => {
  const formatted = await format(renderReference(), { ...(await resolveConfig(file)), filepath: file });
  expect(readFileSync(file, 'utf8')).toBe(formatted);
});
