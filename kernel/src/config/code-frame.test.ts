import { expect, test } from 'vitest';
import { folderWith } from '../../test/folder-with.ts';
import { locateConfigValue, locatePoint, showFile, showLocation } from './code-frame.ts';
import type { Keys } from './origin.ts';

async function locate(source: string, keys: Keys) {
  using folder = folderWith({ 'heldar.config.ts': source });
  const found = await locateConfigValue(folder.file('heldar.config.ts'), keys);
  return (
    found && { place: `${found.line}:${found.column}`, frame: found.frame.split('\n'), exact: found.exact }
  );
}

test('an option of a lazy plugin is found and marked', async () => {
  const source = `import { defineConfig, use } from '@heldar/plugin-sdk'

export default defineConfig({
  plugins: [
    use(() => import('./parking/src/index.ts'), { graceMinutes: '10' }),
  ],
})
`;
  expect(await locate(source, ['plugins', 0, 'config', 'graceMinutes'])).toEqual({
    place: '5:65',
    frame: [
      "5 │     use(() => import('./parking/src/index.ts'), { graceMinutes: '10' }),",
      '  │                                                                 ^^^^',
    ],
    exact: true,
  });
});

test.each<[string, string, Keys, string]>([
  ['a plain object', 'export default { api: { port: 1 } };', ['api', 'port'], '1:31'],
  ['satisfies', 'export default { log: 1 } satisfies object;', ['log'], '1:23'],
  ['as', 'export default ({ log: 1 } as object);', ['log'], '1:24'],
  ['a constant', 'const c = defineConfig({ log: 1 });\nexport default c;', ['log'], '1:31'],
  ['an exported constant', 'export const c = { log: 1 };\nexport default c;', ['log'], '1:25'],
  ['quoted keys', "export default { 'log': 1 };", ['log'], '1:25'],
  ['a spread constant', 'const b = { log: 1 };\nexport default { ...b, api: {} };', ['log'], '1:18'],
  ['the last of two', 'export default { log: 1, log: 2 };', ['log'], '1:31'],
  [
    'an imported plugin',
    'export default { plugins: [parking({ a: 1 })] };',
    ['plugins', 0, 'config', 'a'],
    '1:41',
  ],
  ['letters beyond ASCII', "export default { siteId: 'Zürich 😀', log: 1 };", ['log'], '1:44'],
])('a value is found in %s', async (_, source, keys, place) => {
  expect(await locate(source, keys)).toMatchObject({ place, exact: true });
});

test.each<[string, string, Keys, string]>([
  ['missing options', 'export default { plugins: [use(a)] };', ['plugins', 0, 'config', 'x'], '1:28'],
  ['an element behind a spread', 'export default { plugins: [...a, b] };', ['plugins', 1], '1:27'],
  ['a computed value', 'export default { api: make() };', ['api', 'port'], '1:23'],
])('for %s the place that should hold it is found', async (_, source, keys, place) => {
  expect(await locate(source, keys)).toMatchObject({ place, exact: false });
});

test('what does not parse, or is not there, has no place', async () => {
  expect(await locate('export default {', ['log'])).toBeUndefined();
  expect(await locate('const a = 1;', ['log'])).toBeUndefined();
  expect(await locateConfigValue('/nowhere/heldar.config.ts', ['log'])).toBeUndefined();
});

test('the mark ends with the line, and tabs keep it in place', async () => {
  const found = await locate('export default {\n\tapi: {\n\t\thost: 1,\n\t},\n};', ['api']);
  expect(found?.frame).toEqual(['2 │ \tapi: {', '  │ \t     ^']);
});

test('a place is shown relative to the working directory when it lies below it', () => {
  const point = locatePoint('/site/heldar.config.ts', 'a\nbc', 2, 2);
  expect(point && showLocation(point, '/site', '  ')).toBe('  heldar.config.ts:2:2\n  2 │ bc\n    │  ^');
  expect(showFile('/elsewhere/a.ts', '/site')).toBe('/elsewhere/a.ts');
  expect(locatePoint('/site/a.ts', 'a', 9, 1)).toBeUndefined();
});
