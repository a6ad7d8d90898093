import type { Logger, PluginCapability } from '@heldar/plugin-sdk';
import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { sql } from 'drizzle-orm';
import type { DependencyContainer } from 'tsyringe';
import { expect, test } from 'vitest';
import { collectingLog, type LogLine } from '../http/http-for-tests.ts';
import { offerToken, openScope } from './scope.ts';
import { createServices } from './services.ts';
import { createRootContainer, provide } from './tokens.ts';

const camera = { id: 'gate', siteId: null, name: 'Gate', enabled: true };
const all: PluginCapability[] = ['cameras:read', 'http:outbound', 'services:call'];

function open(capabilities: PluginCapability[], fetch: typeof globalThis.fetch = globalThis.fetch) {
  const root = createRootContainer();
  const lines: LogLine[] = [];
  const log: Logger = collectingLog(lines);
  const services = createServices();
  const db = drizzle({ client: new Database(':memory:') });
  provide(root, offerToken, () => ({
    db,
    services,
    fetch,
    log: () => log,
    cameras: { get: (id) => (id === 'gate' ? camera : undefined), list: () => [camera] },
  }));
  const scope = openScope(
    root,
    { name: 'parking', config: { a: 1 }, capabilities },
    new AbortController().signal,
  );
  return { ...scope, root, services, lines };
}

test('a context holds what the manifest earned', async () => {
  const { context, services } = open(all, (input) =>
    Promise.resolve(new Response(input instanceof Request ? input.url : input.toString())),
  );
  services.offer('zones', { count: async () => 3 });
  expect(context).toMatchObject({ name: 'parking', config: { a: 1 } });
  expect(context.db.get(sql`select 7 as n`)).toEqual({ n: 7 });
  expect(context.cameras.get('gate')).toEqual(camera);
  expect(context.cameras.list()).toEqual([camera]);
  expect(await (await context.fetch('http://gate.example/')).text()).toBe('http://gate.example/');
  expect(await context.service('zones', 'count')()).toBe(3);
});

test.for([
  ['cameras', 'cameras:read'],
  ['fetch', 'http:outbound'],
  ['service', 'services:call'],
] as const)('ctx.%s without the capability %s is refused by its name', ([member, capability]) => {
  const { context } = open([]);
  const use = () => (member === 'service' ? context.service('a', 'b') : context[member]);
  expect(use).toThrow(`parking used ctx.${member} without the capability '${capability}'`);
});

test('after dispose everything is refused, also what was taken out before, and told once', async () => {
  const { context, services, lines, dispose } = open(all);
  services.offer('zones', { count: async () => 3 });
  const { db, cameras, fetch } = context;
  const count = context.service('zones', 'count');
  dispose();
  const uses: [string, () => unknown][] = [
    ['db', () => db.get(sql`select 1`)],
    ['cameras', () => cameras.list()],
    ['cameras', () => cameras.get('gate')],
    ['cameras', () => context.cameras],
    ['fetch', () => fetch('http://127.0.0.1/')],
    ['service', () => count()],
    ['service', () => context.service('zones', 'count')],
  ];
  for (const [member, use] of uses)
    await expect(Promise.resolve().then(use)).rejects.toThrow(
      `parking used ctx.${member} after it was disposed`,
    );
  expect(lines.map(({ level, message }) => `${level} ${message.split(';')[0]}`)).toEqual([
    'error parking used ctx.db after it was disposed',
    'error parking used ctx.cameras after it was disposed',
    'error parking used ctx.fetch after it was disposed',
    'error parking used ctx.service after it was disposed',
  ]);
  expect(lines[0]?.message).toContain('end what it started when ctx.signal is aborted');
});

test('a request under way is aborted on dispose, and by its own signal', async () => {
  const hanging: typeof globalThis.fetch = (_, init) =>
    new Promise((_resolve, reject) => {
      init?.signal?.addEventListener('abort', () => reject(new Error(String(init.signal?.reason))));
    });
  const { context, dispose } = open(all, hanging);
  const own = new AbortController();
  const first = context.fetch('http://gate.example/', { signal: own.signal });
  const second = context.fetch('http://gate.example/');
  own.abort('enough');
  await expect(first).rejects.toThrow('enough');
  dispose();
  await expect(second).rejects.toThrow('parking is disposed');
});

test('the container is strict: what a generation has not earned never enters the root', () => {
  const { root, context } = open([]);
  expect(() => context.cameras).toThrow('without the capability');
  const entries = (root as DependencyContainer & { _registry: { _registryMap: Map<unknown, unknown> } })
    ._registry._registryMap;
  expect([...entries.keys()]).toEqual([offerToken.key]);
});
