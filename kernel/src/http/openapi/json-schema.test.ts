import type { Schema } from '@heldar/plugin-sdk';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { jsonSchemaOf } from './json-schema.ts';

test.for([
  [
    'an object is open for members it does not name',
    z.object({ a: z.int() }),
    { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] },
  ],
  [
    'a strict object is not',
    z.strictObject({}),
    { type: 'object', properties: {}, additionalProperties: false },
  ],
  ['a bound that was set is kept', z.int().min(1).max(9), { type: 'integer', minimum: 1, maximum: 9 }],
  ['a date is text', z.date(), { type: 'string', format: 'date-time' }],
  ['what JSON has no counterpart for is left open', z.bigint(), {}],
] as const)('%s', ([, schema, json]) => {
  expect(jsonSchemaOf(schema, 'output')).toEqual(json);
});

test('what goes into a transformation is told, also when only a few texts get through it', () => {
  const query = z.object({
    page: z.string().default('1').transform(Number),
    side: z
      .string()
      .pipe(z.enum(['left', 'right']))
      .optional(),
  });
  expect(jsonSchemaOf(query, 'input')).toEqual({
    type: 'object',
    properties: {
      page: { type: 'string', default: '1' },
      side: { type: 'string', enum: ['left', 'right'] },
    },
  });
});

const foreign = (jsonSchema?: object): Schema => ({
  '~standard': {
    version: 1,
    vendor: 'other',
    validate: (value: unknown) => ({ value }),
    ...(jsonSchema === undefined ? {} : { jsonSchema }),
  },
});

test('a schema of another library is asked for its JSON Schema', () => {
  const schema = foreign({
    input: ({ target }: { target: string }) => ({ $schema: target, type: 'string' }),
    output: () => ({ type: 'number' }),
  });
  expect(jsonSchemaOf(schema, 'input')).toEqual({ type: 'string' });
  expect(jsonSchemaOf(schema, 'output')).toEqual({ type: 'number' });
});

const cyclic: Record<string, unknown> = { type: 'object' };
cyclic['self'] = cyclic;

test.for<[string, object?]>([
  ['does not tell'],
  ['throws', { input: () => expect.unreachable('it has no counterpart') }],
  ['tells what is no data', { input: () => cyclic }],
  ['tells nothing', { input: () => {} }],
])('one that %s is open, with a note', ([, jsonSchema]) => {
  expect(jsonSchemaOf(foreign(jsonSchema), 'input')).toEqual({
    description: 'Checked by a schema of other that does not tell its shape.',
  });
});
