import { z, type Schema } from '@heldar/plugin-sdk';
import { expect, test } from 'vitest';
import { describeOptions, describeShape, vendorOf } from './describe-schema.ts';

/** A schema that only validates, as most did before they could tell themselves. */
const silent: Schema = { '~standard': { version: 1, vendor: 'other', validate: (value) => ({ value }) } };

test('every option is told with type, default and meaning, members of objects by their path', () => {
  const schema = z.object({
    minutes: z.int().min(0).max(60).default(15).describe('how long'),
    ratio: z.number().gt(0).lt(1),
    mode: z.enum(['strict', 'lax']).optional(),
    plates: z.array(z.string()).default([]),
    limit: z.union([z.number(), z.literal('none')]).default('none'),
    byCamera: z.record(z.string(), z.number()).optional(),
    smtp: z.object({ host: z.string().min(1), port: z.int().default(25) }).optional(),
    when: z.iso.datetime().optional(),
    anything: z.unknown(),
  });
  const told = describeOptions(schema)?.map(({ name, type, default: fallback, required, description }) => [
    name,
    type,
    fallback,
    required,
    description,
  ]);
  expect(told).toEqual([
    ['minutes', 'integer from 0 to 60', 15, false, 'how long'],
    ['ratio', 'number above 0 below 1', undefined, true, null],
    ['mode', 'one of "strict", "lax"', undefined, false, null],
    ['plates', 'list of text', [], false, null],
    ['limit', 'number or "none"', 'none', false, null],
    ['byCamera', 'object of number by name', undefined, false, null],
    ['smtp.host', 'text of 1 characters or more', undefined, true, null],
    ['smtp.port', 'integer', 25, false, null],
    ['when', 'text (date-time)', undefined, false, null],
    ['anything', 'anything', undefined, expect.any(Boolean), null],
  ]);
});

test('an option is secret by its name, or when the schema says that it is only written', () => {
  const schema = z.object({
    apiToken: z.string(),
    smtp: z.object({ password: z.string() }),
    pin: z.string().meta({ writeOnly: true }),
    key: z.string().meta({ format: 'password' }),
    host: z.string(),
  });
  expect(
    describeOptions(schema)
      ?.filter(({ secret }) => secret)
      .map(({ name }) => name),
  ).toEqual(['apiToken', 'smtp.password', 'pin', 'key']);
});

test('a shape is told in one line', () => {
  expect(describeShape(z.object({ plate: z.string(), at: z.number().optional() }))).toBe(
    '{ plate: text, at?: number }',
  );
  expect(describeShape(z.object({}))).toBe('{}');
  expect(describeShape(z.object({ zone: z.object({ id: z.string() }).nullable() }))).toBe(
    '{ zone: object or null }',
  );
  expect(describeShape(z.string())).toBe('text');
});

test('a schema that does not tell is said to be one', () => {
  expect(describeOptions(silent)).toBeNull();
  expect(describeShape(silent)).toBeNull();
  expect(vendorOf(silent)).toBe('other');
  expect(describeShape(z.object({ at: z.date() }))).toBeNull();
  expect(describeOptions(z.string())).toBeNull();
});
