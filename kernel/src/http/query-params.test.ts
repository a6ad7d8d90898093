/** Do parameters of a query read as the contract says? */
import { z } from '@heldar/plugin-sdk';
import { expect, test } from 'vitest';
import { limitParam, positionParam, timeParam } from './query-params.ts';
import { readQuery } from './query.ts';
import { check } from './validate.ts';

const schema = z.object({
  limit: limitParam(200, 1, 2000),
  after: positionParam(),
  from: timeParam(),
  q: z.string().optional(),
});

async function read(querystring: string): Promise<unknown> {
  try {
    const { value, fault } = await check(schema, readQuery(querystring, schema), 'query');
    return fault === null ? value : { late: fault.message };
  } catch (error) {
    return { early: (error as Error).message };
  }
}

test.for([
  ['', 200],
  ['limit=7', 7],
  ['limit=0', 1],
  ['limit=-5', 1],
  ['limit=2001', 2000],
  ['limit=99999999999999999999', 2000],
  ['limit=007', 7],
] as const)('"%s" is a limit of %i', async ([query, limit]) => {
  expect(await read(query)).toMatchObject({ limit });
});

test.for(['limit=', 'limit=1.0', 'limit=1e3', 'limit=x', 'limit=+5', 'limit=%205'])(
  '"%s" is refused with the decoding',
  async (query) => {
    expect(await read(query)).toEqual({ early: 'limit: expected a whole number' });
  },
);

test.for(['after=-1', 'after=x', 'after=9007199254740993'])('"%s" is no position', async (query) => {
  expect(await read(query)).toEqual({ early: 'after: expected a whole number' });
});

test('a position reads as a number', async () => {
  expect(await read('after=0')).toMatchObject({ after: 0 });
});

test('a time reads as an instant, and its + must be written %2B', async () => {
  expect(await read('from=2026-01-31T12:00:00%2B02:00')).toMatchObject({
    from: { ms: Date.UTC(2026, 0, 31, 10), ns: 0 },
  });
  expect(await read('from=2026-01-31T12:00:00+02:00')).toEqual({
    late: 'from: expected a time such as 2026-01-31T12:00:00Z; a + must be written %2B in a query',
  });
  expect(await read('from=yesterday')).toEqual({
    late: 'from: expected a time such as 2026-01-31T12:00:00Z',
  });
});

test('a known parameter twice is refused, an unknown one ignored', async () => {
  expect(await read('q=a&q=a')).toEqual({ early: 'q: given twice' });
  expect(await read('z=1&z=2&q=a')).toMatchObject({ q: 'a' });
  expect(await read('__proto__=1&__proto__=2&constructor=x')).toMatchObject({ limit: 200 });
});

test('behind a refinement or a transformation the members are still known', () => {
  const refined = z.object({ a: z.string() }).refine(() => true);
  const transformed = z.object({ a: z.string() }).transform((value) => value.a);
  for (const outer of [refined, transformed]) {
    expect({ ...readQuery('a=1&b=2&b=3', outer) }).toEqual({ a: '1' });
    expect(() => readQuery('a=1&a=2', outer)).toThrow('a: given twice');
  }
});

test('blanks and escapes are decoded', () => {
  expect({ ...readQuery('q=a+b%26%C3%A9', schema) }).toEqual({ q: 'a b&é' });
});

test('the parameters tell their type to documentation', () => {
  const { properties } = z.toJSONSchema(schema, { io: 'input' });
  expect(properties).toMatchObject({
    limit: { type: 'integer', default: 200, 'x-clamp': [1, 2000] },
    from: { type: 'string', format: 'date-time' },
  });
});
