import { expect, test } from 'vitest';
import { readGivenOptions } from './plugin-options.ts';

test('values are JSON where they read as such, and dots name members', () => {
  const config = [
    'graceMinutes=10',
    'smtp.host=mail',
    'smtp.tls=true',
    'pin=0042',
    'zones=["a","b"]',
    'note=a=b',
    'none=',
  ];
  expect(readGivenOptions({ config })).toEqual({
    file: undefined,
    options: {
      graceMinutes: 10,
      smtp: { host: 'mail', tls: true },
      pin: '0042',
      zones: ['a', 'b'],
      note: 'a=b',
      none: '',
    },
  });
});

test('what has no = is the composition, and pairs are laid over JSON', () => {
  expect(readGivenOptions({ config: ['site.ts', 'a.c=2'], json: '{"a":{"b":1},"d":3}' })).toEqual({
    file: 'site.ts',
    options: { a: { b: 1, c: 2 }, d: 3 },
  });
  expect(readGivenOptions({ config: ['site.ts'] })).toEqual({ file: 'site.ts', options: undefined });
  expect(readGivenOptions({})).toEqual({ file: undefined, options: undefined });
});

test('a member called __proto__ changes no prototype', () => {
  const { options } = readGivenOptions({ config: ['__proto__.polluted=1'] });
  expect(Object.keys(options ?? {})).toEqual(['__proto__']);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

test.for<[readonly string[], string | undefined, RegExp]>([
  [['a.ts', 'b.ts'], undefined, /'b\.ts' is no option; write it as name=value/],
  [['=1'], undefined, /'=1' names no option/],
  [['a..b=1'], undefined, /'a\.\.b=1' names no option/],
  [[], '[1]', /--json: expected an object of options/],
  [[], '{', /--json: .*JSON/],
])('%j with %j is refused', ([config, json, message]) => {
  expect(() => readGivenOptions({ config, ...(json === undefined ? {} : { json }) })).toThrow(message);
});
