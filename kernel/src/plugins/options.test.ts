import { z, type PluginDefinition, type Schema } from '@heldar/plugin-sdk';
import { expect, test } from 'vitest';
import { checkOptions, describeProblem } from './options.ts';

const plugin = (config?: Schema): PluginDefinition => ({
  name: 'parking',
  setup: () => ({}),
  ...(config === undefined ? {} : { config }),
});

async function problemsOf(config: Schema | undefined, raw: unknown): Promise<string[]> {
  const checked = await checkOptions(plugin(config), raw);
  return checked.ok ? [] : checked.problems.map(describeProblem);
}

test('options go through the schema, with its defaults', async () => {
  const schema = z.object({ graceMinutes: z.number().default(15), plates: z.array(z.string()).default([]) });
  expect(await checkOptions(plugin(schema), undefined)).toEqual({
    ok: true,
    options: { graceMinutes: 15, plates: [] },
  });
  expect(await checkOptions(plugin(schema), { graceMinutes: 3 })).toMatchObject({
    options: { graceMinutes: 3 },
  });
});

test('an asynchronous schema is waited for', async () => {
  const schema = z.object({ file: z.string().refine(async (name) => name !== 'gone', 'is not there') });
  expect(await problemsOf(schema, { file: 'gone' })).toEqual(['config.file: is not there, got "gone"']);
  expect(await problemsOf(schema, { file: 'here' })).toEqual([]);
});

test('a plugin without a schema takes no options', async () => {
  expect(await checkOptions(plugin(), undefined)).toEqual({ ok: true, options: {} });
  expect(await checkOptions(plugin(), {})).toEqual({ ok: true, options: {} });
  expect(await problemsOf(undefined, { a: 1 })).toEqual(['config: this plugin takes no options']);
});

test('each problem names the option, what was expected and what came', async () => {
  const schema = z.strictObject({
    graceMinutes: z.number().int().min(0),
    zones: z.array(z.object({ name: z.string() })).optional(),
    apiToken: z.string().min(30),
    missing: z.string(),
  });
  const raw = { graceMinutes: '10', zones: [{ name: 'a' }, { name: 7 }], apiToken: 'hunter2', extra: 1 };
  expect(await problemsOf(schema, raw)).toEqual([
    'config.graceMinutes: expected number, got "10"',
    'config.zones[1].name: expected string, got 7',
    'config.apiToken: too small: expected string to have >=30 characters, got ***',
    'config.missing: expected string, got nothing',
    'config: unrecognized key: "extra"',
  ]);
});

test('a long value is cut short', () => {
  const text = describeProblem({ path: ['text'], message: 'Too long', value: 'x'.repeat(500) });
  expect(text).toMatch(/^config\.text: too long, got "x{79}…$/);
});
