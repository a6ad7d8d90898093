/** Are faults of shape told from faults of value, and do both name the field? */
import type { Schema } from '@heldar/plugin-sdk';
import { z } from '@heldar/plugin-sdk';
import { expect, test } from 'vitest';
import { check, type Place } from './validate.ts';

async function judge(schema: Schema, raw: unknown, place: Place = 'body') {
  try {
    const { value, fault } = await check(schema, raw, place);
    return fault === null ? { value } : { late: fault.code, text: fault.message };
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return { early: code, text: message };
  }
}

const detection = z.object({ label: z.string().nullish(), confidence: z.number().nullish() });
const batch = z.object({ camera_id: z.string(), detections: z.array(detection).max(4).default([]) });

test.for([
  [
    { camera_id: 'a', detections: [{}, {}, {}, { confidence: 'x' }] },
    'detections[3].confidence: expected number, got text',
  ],
  [{}, 'camera_id: missing'],
  [{ camera_id: null }, 'camera_id: expected text, got null'],
  [[], 'the body: expected object, got list'],
  ['x', 'the body: expected object, got text'],
  [
    { camera_id: 1, detections: 2 },
    'camera_id: expected text, got number; detections: expected list, got number',
  ],
] as const)('%j is of the wrong shape: %s', async ([raw, text]) => {
  expect(await judge(batch, raw)).toEqual({ early: 'wrong_shape', text });
});

test('more than three issues are counted, not listed', async () => {
  const schema = z.object({ a: z.string(), b: z.string(), c: z.string(), d: z.string(), e: z.string() });
  expect(await judge(schema, {})).toEqual({
    early: 'wrong_shape',
    text: 'a: missing; b: missing; c: missing; and 2 more',
  });
});

test('a value out of range is told later, as a bad request', async () => {
  const raw = { camera_id: 'a', detections: [{}, {}, {}, {}, {}] };
  expect(await judge(batch, raw)).toMatchObject({
    late: 'bad_request',
    text: expect.stringMatching(/^detections: too big/),
  });
});

test('shape goes before value when both are wrong', async () => {
  const schema = z.object({ n: z.number().min(5), text: z.string() });
  expect(await judge(schema, { n: 1, text: 1 })).toEqual({
    early: 'wrong_shape',
    text: 'text: expected text, got number',
  });
});

test.for([
  [
    z.object({ a: z.union([z.string(), z.number()]) }),
    { a: true },
    'a: expected text or number, got boolean',
  ],
  [z.object({ a: z.union([z.string(), z.number()]) }), {}, 'a: missing'],
  [z.strictObject({}), { extra: 1, 'e x': 2 }, 'the body: unknown extra, ["e x"]'],
  [z.object({ a: z.literal('x') }), { a: 1 }, 'a: invalid input: expected "x"'],
  [z.object({ a: z.string('a name, please') }), { a: 1 }, 'a: a name, please'],
  [z.object({ a: z.record(z.string(), z.number()) }), { a: [] }, 'a: expected object, got list'],
] as const)('%# is of the wrong shape', async ([schema, raw, text]) => {
  expect(await judge(schema, raw)).toEqual({ early: 'wrong_shape', text });
});

test('parameters are never a 422', async () => {
  const schema = z.object({ n: z.coerce.number() });
  expect(await judge(schema, { n: 'x' }, 'query')).toEqual({
    early: 'bad_request',
    text: 'n: expected number, got text',
  });
  expect(await judge(schema, {}, 'params')).toMatchObject({ early: 'bad_request' });
});

test('with a schema of another library every issue of a body is one of shape', async () => {
  const positive: Schema<number> = {
    '~standard': {
      version: 1,
      vendor: 'handmade',
      validate: (value) =>
        typeof value === 'number' && value > 0
          ? { value }
          : Promise.resolve({ issues: [{ message: 'Must be positive', path: [{ key: 'n' }, 0] }] }),
    },
  };
  expect(await judge(positive, 3)).toEqual({ value: 3 });
  expect(await judge(positive, -3)).toEqual({ early: 'wrong_shape', text: 'n[0]: must be positive' });
});

test('__proto__ in a body reaches no prototype, whatever the schema keeps', async () => {
  const raw = JSON.parse('{"a":"1","__proto__":{"admin":true}}') as unknown;
  const schemas = [
    z.looseObject({ a: z.string() }),
    z.record(z.string(), z.unknown()),
    z.json(),
    z.object({}).catchall(z.unknown()),
  ];
  for (const schema of schemas) {
    const { value } = (await judge(schema, raw)) as { value: Record<string, unknown> };
    expect(value['a']).toBe('1');
    expect(value['admin']).toBeUndefined();
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  }
});
