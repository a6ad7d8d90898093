import { definePlugin, z } from '@heldar/plugin-sdk';
import { expect, test } from 'vitest';
import { HeldarError } from '../errors.ts';
import { readDefinition } from './definition.ts';
import type { Manifest } from './manifest.ts';

const manifest = { name: null, capabilities: null, isolation: 'inline' } as Manifest;
const setup = () => ({});

function refusal(definition: object, of: Manifest = manifest): string {
  try {
    readDefinition({ default: definePlugin(definition as never) }, of, './p.ts');
  } catch (error) {
    const { code, message, details } = error as HeldarError;
    return `${code === 'plugin_invalid' ? '' : code}${message} → ${String(details['next'])}`;
  }
  return 'taken';
}

test('a plugin with every member is taken as it is', () => {
  const definition = {
    name: 'parking',
    config: z.object({}),
    consumes: { anpr: z.object({}) },
    emits: { overstay: z.object({}) },
    records: { 'lot.changed': z.object({}) },
    capabilities: [
      'events:emit',
      'events:read',
      'cameras:read',
      'frames:keep',
      'http:outbound',
      'services:call',
    ],
    migrations: './migrations',
    setup,
  };
  const read = readDefinition({ default: definePlugin(definition as never) }, manifest, null);
  expect(read).toBe(definition);
});

test.for([undefined, null, {}, { default: {} }, { default: () => ({}) }])(
  'a module that exports %o is told how to export a plugin',
  (module) => {
    expect(() => readDefinition(module, manifest, './p.ts')).toThrow(
      './p.ts has no default export made by definePlugin',
    );
  },
);

test.for<[object, string]>([
  [
    { name: 'Parking', setup },
    `name: 'Parking' is not a plugin name → use lower-case letters, digits and hyphens`,
  ],
  [{ setup }, `name: 'undefined' is not a plugin name → use lower-case letters, digits and hyphens`],
  [{ name: 'p' }, 'setup: expected a function → return the contributions from setup(ctx)'],
  [{ name: 'p', setup, migration: './m' }, `there is no member 'migration' → did you mean 'migrations'?`],
  [{ name: 'p', setup, config: {} }, 'config: expected a Standard Schema'],
  [{ name: 'p', setup, capabilities: 'events:emit' }, 'capabilities: expected a list'],
  [
    { name: 'p', setup, capabilities: ['event:emit'] },
    `capabilities: there is no 'event:emit' → did you mean 'events:emit'? There are events:emit, events:read,`,
  ],
  [{ name: 'p', setup, consumes: 'anpr' }, `consumes: expected '*', a list of task types`],
  [{ name: 'p', setup, consumes: [''] }, `consumes: expected '*'`],
  [{ name: 'p', setup, consumes: { anpr: {} } }, `consumes: expected '*'`],
  [
    { name: 'p', setup, emits: { overstay: z.object({}) } },
    `emits: it declares events without the capability 'events:emit' → add 'events:emit' to capabilities`,
  ],
  [
    { name: 'p', setup, emits: { 'Over stay': z.object({}) }, capabilities: ['events:emit'] },
    `emits: 'Over stay' is not a name for a type`,
  ],
  [{ name: 'p', setup, records: { changed: true } }, 'records.changed: expected a Standard Schema'],
  [{ name: 'p', setup, records: [] }, 'taken'],
  [{ name: 'p', setup, migrations: 7 }, 'migrations: expected a folder'],
])('%o is refused', ([definition, text]) => {
  expect(refusal(definition)).toContain(text);
});

test('code and package must name the same plugin', () => {
  expect(refusal({ name: 'gate', setup }, { ...manifest, name: 'door' })).toBe(
    `name: the code says 'gate', its package.json 'door' → make them the same`,
  );
});

test.for<[readonly string[], readonly string[], string]>([
  [['cameras:read', 'frames:keep'], ['frames:keep', 'cameras:read'], 'taken'],
  [[], [], 'taken'],
  [
    ['cameras:read', 'http:outbound'],
    ['cameras:read'],
    `capabilities: the code declares 'http:outbound', its package.json does not → add it to "heldar": { "capabilities": […] } in package.json`,
  ],
  [
    [],
    ['http:outbound'],
    `capabilities: its package.json declares 'http:outbound', the code does not → remove it there, or add it to capabilities in definePlugin`,
  ],
])('code that declares %j with a package that declares %j: %s', ([capabilities, inPackage, said]) => {
  const of = { ...manifest, capabilities: inPackage } as Manifest;
  expect(refusal({ name: 'p', setup, capabilities }, of)).toBe(said);
});
