import { expect, test } from 'vitest';
import { switchOff, switchOn } from './switch-plugin.ts';

const of = (body: string) =>
  `import { defineConfig } from '@heldar/plugin-sdk';\n\nexport default defineConfig(${body});\n`;

test.for([
  [`{ plugins: ['a'] }`, `{ plugins: ['a'], disable: ['zones'] }`],
  [`{\n  plugins: ['a'],\n}`, `{\n  plugins: ['a'],\n  disable: ['zones'],\n}`],
  [`{ disable: [] }`, `{ disable: ['zones'] }`],
  [`{ disable: ["gate"] }`, `{ disable: ["gate", 'zones'] }`],
  [`{ disable: [ 'zones' ] }`, `{ disable: [ 'zones' ] }`],
] as const)('%s with zones off', async ([before, after]) => {
  expect(await switchOff('heldar.config.ts', of(before), 'zones')).toEqual({ text: of(after) });
});

test.for([
  [`{ disable: ['zones'] }`, `{ disable: [] }`],
  [`{ disable: ['gate', 'zones', 'till'] }`, `{ disable: ['gate', 'till'] }`],
  [`{ disable: ['gate'] }`, `{ disable: ['gate'] }`],
  [`{ plugins: [] }`, `{ plugins: [] }`],
] as const)('%s with zones on', async ([before, after]) => {
  expect(await switchOn('heldar.config.ts', of(before), 'zones')).toEqual({ text: of(after) });
});

test('a list that is computed is left, with what is to be done by hand', async () => {
  const text = of('{ disable: offNow() }');
  expect(await switchOff('heldar.config.ts', text, 'zones')).toEqual({
    text: null,
    what: 'the list of disable is computed',
    next: `add 'zones' to \`disable\` by hand`,
  });
  expect(await switchOn('heldar.config.ts', text, 'zones')).toMatchObject({ text: null });
});
