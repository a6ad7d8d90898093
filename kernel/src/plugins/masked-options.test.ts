import { z, type PluginDefinition } from '@heldar/plugin-sdk';
import { expect, test } from 'vitest';
import { maskedOptions } from './masked-options.ts';

const definition = {
  name: 'mail',
  config: z.object({
    host: z.string(),
    login: z.object({ user: z.string(), phrase: z.string().meta({ format: 'password' }) }),
    hook: z.string(),
  }),
  setup: () => ({}),
} as unknown as PluginDefinition;

test('options keep their values but for what is secret by schema, by name or in a URL', () => {
  const options = {
    host: 'mail.test',
    login: { user: 'heldar', phrase: 'open sesame' },
    hook: 'https://heldar:pw@hooks.test/x?token=abc',
    apiKey: 'k',
  };
  expect(JSON.parse(maskedOptions(definition, options))).toEqual({
    host: 'mail.test',
    login: { user: 'heldar', phrase: '***' },
    hook: 'https://***@hooks.test/x?token=***',
    apiKey: '***',
  });
});

test('no options are an empty object', () => {
  expect(maskedOptions({ name: 'mail', setup: () => ({}) }, undefined)).toBe('{}');
});
