import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  consumer,
  every,
  onEvent,
  route,
  sql,
  z,
  type Contributions,
  type PluginDefinition,
} from '@heldar/plugin-sdk';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { until } from '../../test/until.ts';
import { systemClock } from '../clock.ts';
import { createEventHandlers, type EventHandlers } from '../events/handlers.ts';
import { collectingLog, testHttp, type LogLine } from '../http/http-for-tests.ts';
import type { Http } from '../http/server.ts';
import { noWatch } from '../runtime/watchdog.ts';
import { openTestStore, type TestStore } from '../testing/test-store.ts';
import { startGeneration, type Generation, type Sockets } from './generation.ts';
import { isolatedDefinition } from './isolation/isolated-definition.ts';
import { createKeeper } from './isolation/keeper.ts';
import { defaultLimits } from './limits.ts';
import { readManifest } from './manifest.ts';
import { offerToken } from './scope.ts';
import { createServices, type Services } from './services.ts';
import { createRootContainer, provide } from './tokens.ts';
import { recordTx } from './tx.ts';

const limits = { ...defaultLimits, setupMs: 100, drainMs: 100, disposeMs: 100, healthMs: 100 };

let test_store: TestStore;
let handlers: EventHandlers;
let services: Services;
let http: Http;
let sockets: Sockets;
let lines: LogLine[];

beforeEach(async () => {
  test_store = await openTestStore({ tables: 'CREATE TABLE parking_visits (id TEXT)' });
  const { store, clock, dispatcher } = test_store;
  handlers = createEventHandlers({
    store,
    clock,
    random: () => 0.5,
    watch: noWatch,
    onFailed: () => undefined,
  });
  services = createServices();
  ({ http } = testHttp([]));
  lines = [];
  const root = createRootContainer();
  provide(root, offerToken, () => ({
    db: store.read,
    services,
    fetch: globalThis.fetch,
    log: () => collectingLog(lines),
    cameras: { get: () => undefined, list: () => [] },
  }));
  sockets = {
    root,
    store,
    clock: systemClock,
    watch: noWatch,
    dispatcher,
    handlers,
    services,
    siteOf: () => null,
    mountRoutes: (owner, routes) =>
      http.mountPlugin(owner.plugin, routes, () => recordTx(owner, clock.now())),
    checkRoutes: (owner, routes) => http.checkPlugin(owner.plugin, routes),
    holdRequests: (plugin) => http.holdPlugin(plugin),
    onJobFailed: () => undefined,
  };
});
afterEach(async () => {
  await handlers.stop();
  await test_store.close();
});

const nothing = () => undefined;
const hello = route.get('/hello', {
  capability: 'view',
  scope: { none: 'a test' },
  output: z.string(),
  handle: () => 'hello',
});

function start(
  setup: PluginDefinition['setup'],
  definition: Partial<PluginDefinition> = {},
): Promise<Generation> {
  return startGeneration(sockets, {
    definition: { name: 'parking', consumes: ['anpr'], setup, ...definition },
    config: {},
    allowedRoutes: [],
    folder: null,
    limits,
  });
}

async function hasRoute(): Promise<boolean> {
  return (await http.inject('/api/v1/plugins/parking/hello')).status === 200;
}

test('what setup returns is plugged in, and undone in reverse', async () => {
  const steps: string[] = [];
  const generation = await start(
    (ctx) => {
      ctx.signal.addEventListener('abort', () => void steps.push('signal'));
      return {
        consumers: [consumer({ name: 'visits', consume: nothing })],
        handlers: [onEvent('overstay', nothing)],
        jobs: [every('1h', 'clean', nothing)],
        services: { find: async () => 'found' },
        routes: [hello],
        async dispose() {
          // By now nothing of it is in use any more, and its context still works.
          ctx.db.get(sql`select 1`);
          steps.push('dispose');
          expect(await hasRoute()).toBe(false);
          expect(test_store.dispatcher.stats()).toEqual([]);
          await expect(services.reference('parking', 'find')()).rejects.toThrow('not offered');
        },
      };
    },
    { emits: { overstay: z.object({}) } },
  );
  expect(generation.contributions).toEqual({
    consumers: ['visits'],
    handlers: ['on overstay'],
    jobs: ['clean'],
    routes: ['GET /hello'],
    services: ['find'],
  });
  expect(await hasRoute()).toBe(true);
  expect(test_store.dispatcher.stats()).toHaveLength(1);
  expect(handlers.stats()).toHaveLength(1);
  expect(await services.reference('parking', 'find')()).toBe('found');
  await Promise.all([generation.dispose(), generation.dispose()]);
  expect(steps).toEqual(['signal', 'dispose']);
  expect(handlers.stats()).toEqual([]);
  expect(lines).toEqual([]);
});

test('a failure in the middle of plugging in undoes what was plugged in', async () => {
  const steps: string[] = [];
  let context: Parameters<PluginDefinition['setup']>[0] | undefined;
  const starting = start((ctx) => {
    context = ctx;
    return {
      consumers: [consumer({ name: 'visits', consume: nothing })],
      services: { find: async () => 'found' },
      routes: [hello, hello],
      dispose: () => void steps.push('dispose'),
    };
  });
  await expect(starting).rejects.toThrow('GET /api/v1/plugins/parking/hello is wanted by parking');
  expect(steps).toEqual(['dispose']);
  expect(context?.signal.aborted).toBe(true);
  expect(() => context?.db.get(sql`select 1`)).toThrow('after it was disposed');
  expect(test_store.dispatcher.stats()).toEqual([]);
  await expect(services.reference('parking', 'find')()).rejects.toThrow('not offered');
  expect(await hasRoute()).toBe(false);
});

test('a dispose that throws or hangs is told and does not keep the rest from being undone', async () => {
  for (const dispose of [
    () => Promise.reject(new Error('no')),
    () => new Promise<void>(() => undefined),
    () => {
      throw new Error('at once');
    },
  ]) {
    const generation = await start(() => ({ routes: [hello], dispose }));
    await generation.dispose();
    expect(await hasRoute()).toBe(false);
  }
  expect(
    lines.map(({ data, message }) => `${message}: ${String(data['step'])}: ${String(data['reason'])}`),
  ).toEqual([
    'parking was not undone cleanly: dispose: no',
    'parking was not undone cleanly: dispose: did not end',
    'parking was not undone cleanly: dispose: at once',
  ]);
});

test('a consumer that hangs does not hold up a dispose for longer than its limit', async () => {
  let calls = 0;
  const hang = () => {
    calls += 1;
    return new Promise<void>(() => undefined);
  };
  const generation = await start(() => ({
    consumers: [consumer({ name: 'a', consume: hang }), consumer({ name: 'b', consume: hang })],
  }));
  await test_store.ingest.accept({
    camera_id: 'gate',
    task_type: 'anpr',
    timestamp: null,
    frame_id: null,
    detections: [],
    event: null,
  });
  await until('both consumers hang', () => calls === 2);
  const before = performance.now();
  await generation.dispose();
  expect(performance.now() - before).toBeLessThan(limits.drainMs * 8);
  expect(lines).toMatchObject([
    {
      data: {
        step: 'calls under way',
        reason: 'consumer a did not end within 100 ms; consumer b did not end within 100 ms',
      },
    },
  ]);
});

test('a setup that hangs is given up, and undone when it comes back after all', async () => {
  const gate = Promise.withResolvers<Contributions>();
  let disposed = 0;
  let signal: AbortSignal | undefined;
  const starting = start((ctx) => {
    signal = ctx.signal;
    return gate.promise as never;
  });
  await expect(starting).rejects.toThrow('parking: setup did not finish within 100 ms');
  expect(signal?.aborted).toBe(true);
  gate.resolve({ routes: [hello], dispose: () => void (disposed += 1) });
  await until('the late one is undone', () => disposed === 1);
  expect(await hasRoute()).toBe(false);
});

test.for<[string, PluginDefinition['setup'], string]>([
  [
    'throws',
    () => {
      throw new Error('no lot');
    },
    'no lot',
  ],
  ['rejects', async () => Promise.reject(new Error('no lot')), 'no lot'],
  ['returns nothing', () => undefined as never, 'setup returned undefined'],
  [
    'names an absolute path it did not declare',
    () => ({ routes: [route.get('/api/v1/cars', hello.definition)] }),
    'the route GET /api/v1/cars is absolute but not declared',
  ],
  [
    'leaves the capability out of a route',
    () => ({ routes: [{ ...hello, definition: { ...hello.definition, capability: undefined as never } }] }),
    'GET /api/v1/plugins/parking/hello declares no capability',
  ],
  [
    'leaves the scope out of a route',
    () => ({ routes: [{ ...hello, definition: { ...hello.definition, scope: undefined as never } }] }),
    'GET /api/v1/plugins/parking/hello declares no scope',
  ],
])('a setup that %s is refused', async ([, setup, message]) => {
  await expect(start(setup)).rejects.toThrow(message);
});

test('health is what the plugin says, fine when it says nothing, and never waited for too long', async () => {
  expect(await (await start(() => ({}))).health()).toEqual({ ok: true });
  const failing = await start(() => ({ health: () => ({ ok: false, detail: 'no lot' }) }));
  expect(await failing.health()).toEqual({ ok: false, detail: 'no lot' });
  const hanging = await start(() => ({ health: () => new Promise(() => undefined) }));
  await expect(hanging.health()).rejects.toThrow('parking: health did not answer within 100 ms');
});

test('what setup started is undone also when it returned something that is refused', async () => {
  const steps: string[] = [];
  const starting = start((ctx) => {
    ctx.signal.addEventListener('abort', () => void steps.push('signal'));
    return { consumer: [], dispose: () => void steps.push('dispose') } as never;
  });
  await expect(starting).rejects.toThrow("setup returned 'consumer', which is no contribution");
  expect(steps).toEqual(['signal', 'dispose']);
  await expect(start(() => ({ dispose: 'later' }) as never)).rejects.toThrow('dispose: expected a function');
  expect(lines).toEqual([]);
});

/** A plugin of the tests in a thread of its own, loaded; and who waits to be told of cameras. */
async function loadIsolated(options: object) {
  const { store } = test_store;
  const file = fileURLToPath(new URL('../../test/fixtures/plugins/traveller/index.ts', import.meta.url));
  const manifest = readManifest({ file, packageFile: join(dirname(file), 'package.json') }, 'traveller');
  const keeper = createKeeper({
    plugin: 'traveller',
    tier: 'worker',
    memoryMb: 64,
    load: { file, specifier: file, manifest },
    databaseFile: store.reader.name,
    limits: defaultLimits,
    options: () => options,
    random: () => 0.5,
    onDeath: nothing,
    onFault: nothing,
    onLine: nothing,
  });
  onTestFinished(() => keeper.stop());
  const listeners = new Set<() => void>();
  const definition = isolatedDefinition(keeper, await keeper.load(), defaultLimits, () => ({
    storeId: store.storeId,
    cameraIds: () => [],
    onCamerasChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  }));
  const spec = { config: options, allowedRoutes: [], folder: null, limits: defaultLimits };
  const begin = (changed: Partial<PluginDefinition> = {}) =>
    startGeneration(sockets, { ...spec, definition: { ...definition, ...changed } });
  return { keeper, listeners, begin };
}

test.for([
  ['rejects', { heavy: 'a lot' }, {}, 'its options are refused now'],
  ['returns what is refused', {}, { emits: {} }, `listens to 'heavy', which is not an event of its own`],
] as const)(
  'one whose setup in an isolate %s leaves neither the isolate nor its wait for cameras',
  async ([, options, changed, refusal]) => {
    const { keeper, listeners, begin } = await loadIsolated(options);
    await expect(begin(changed)).rejects.toThrow(refusal);
    expect(listeners.size).toBe(0);
    await expect(keeper.call('health', () => null)).rejects.toThrow('has been stopped');
  },
);

test('one in an isolate waits for cameras until it is disposed', async () => {
  const { keeper, listeners, begin } = await loadIsolated({});
  const generation = await begin();
  expect(listeners.size).toBe(1);
  await generation.dispose();
  expect(listeners.size).toBe(0);
  await expect(keeper.call('health', () => null)).rejects.toThrow('has been stopped');
});
