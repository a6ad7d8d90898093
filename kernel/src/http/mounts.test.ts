/** Are routes refused that could not be guarded, and swapped without disturbing requests under way? */
import { route, z, type Route } from '@heldar/plugin-sdk';
import { expect, test } from 'vitest';
import { effectsOf, eventually, testHttp } from './http-for-tests.ts';
import { kernelRoute } from './kernel-route.ts';
import { findRouteClashes } from './route-clashes.ts';

const common = { capability: 'view', scope: { none: 'a test' } } as const;
const say = (path: string, text: string) =>
  route.get(path, { ...common, output: z.string(), handle: () => text });

test.for([
  ['no capability', { scope: { none: 'x' } }, 'declares no capability it may have'],
  [
    'an unknown capability',
    { capability: 'all', scope: { none: 'x' } },
    'declares no capability it may have',
  ],
  [
    'the capability public',
    { capability: 'public', scope: { none: 'x' } },
    'declares no capability it may have',
  ],
  [
    'the capability authenticated',
    { capability: 'authenticated', scope: { none: 'x' } },
    'declares no capability it may have',
  ],
  ['no scope', { capability: 'view' }, 'declares no scope'],
  ['an empty reason for no scope', { capability: 'view', scope: { none: ' ' } }, 'declares no scope'],
  ['an unknown scope', { capability: 'view', scope: { rows: 'all' } }, 'declares no scope'],
  [
    'a camera in a parameter the path lacks',
    { capability: 'view', scope: { camera: 'params.id' }, params: z.object({ id: z.string() }) },
    'declares no scope',
  ],
  [
    'a camera in a query without a schema',
    { capability: 'view', scope: { camera: 'query.id' } },
    'declares no scope',
  ],
  ['a body on GET', { ...common, body: z.object({}) }, 'declares a body, and GET has none'],
] as const)('a route with %s cannot mount', ([, definition, problem]) => {
  const { http } = testHttp([]);
  const unfit = {
    method: 'GET',
    path: '/x',
    definition: { handle: () => {}, ...definition },
  } as unknown as Route;
  expect(() => http.mountPlugin('demo', [say('/fine', 'a'), unfit], effectsOf('demo'))).toThrow(
    `demo: GET /api/v1/plugins/demo/x ${problem}`,
  );
  expect(http.routes()).toEqual([]);
});

test.for(['x', '/a//b', '/a b', '/a/*', '/a{/b}', '/:', '/a/', '/é', '/..%2f'])('%s is no path', (path) => {
  const { http } = testHttp([]);
  expect(() => http.mountPlugin('demo', [say(path, 'a')], effectsOf('demo'))).toThrow('is not a path');
});

test('a route of the kernel without a scope refuses to start', () => {
  const unscoped = kernelRoute.get('/x', { capability: 'view', handle: () => {} } as never);
  expect(() => testHttp([unscoped])).toThrow('kernel: GET /x declares no scope');
});

test('a route of the kernel that changes something and says nothing of the audit log refuses to start', () => {
  const silent = { capability: 'view', scope: { none: 'a test' }, handle: () => {} } as const;
  expect(() => testHttp([kernelRoute.post('/x', silent)])).toThrow('kernel: POST /x declares no audit');
  const blank = { ...silent, audit: { none: ' ' } };
  expect(() => testHttp([kernelRoute.post('/x', blank)])).toThrow('kernel: POST /x declares no audit');
});

const at = (owner: string, method: string, path: string) => ({ owner, method, path });

test('clashes compare methods and path shapes, parameters by position', () => {
  const routes = [
    at('kernel', 'GET', '/a/:id/b'),
    at('one', 'GET', '/a/:name/b'),
    at('one', 'POST', '/a/:id/b'),
    at('two', 'GET', '/a/x/b'),
    at('two', 'GET', '/a/:id/:b'),
  ];
  expect(findRouteClashes(routes)).toEqual([{ method: 'GET', shape: '/a/:/b', routes: routes.slice(0, 2) }]);
});

test('a plugin whose route clashes does not mount, and what was served goes on', async () => {
  const { http } = testHttp([]);
  http.mountPlugin('one', [say('/api/v1/things/:id', 'one')], effectsOf('one'));
  expect(() =>
    http.mountPlugin('two', [say('/x', 'x'), say('/api/v1/things/:name', 'two')], effectsOf('two')),
  ).toThrow('GET /api/v1/things/: is wanted by one (/api/v1/things/:id) and two (/api/v1/things/:name)');
  expect(await (await http.inject('/api/v1/things/7')).json()).toBe('one');
  expect((await http.inject('/api/v1/plugins/two/x')).status).toBe(404);
});

test('fixed segments go before parameters, whatever the order of mounting', async () => {
  const { http } = testHttp([]);
  const routes = [
    say('/:id', 'any'),
    say('/:id/parts', 'parts'),
    say('/list', 'list'),
    say('/list/:id', 'one of the list'),
  ];
  http.mountPlugin('demo', routes, effectsOf('demo'));
  const get = async (path: string) => (await http.inject(`/api/v1/plugins/demo${path}`)).json();
  expect(await get('/list')).toBe('list');
  expect(await get('/other')).toBe('any');
  expect(await get('/list/parts')).toBe('one of the list');
  expect(await get('/other/parts')).toBe('parts');
});

test('the path / is the folder of the plugin itself', async () => {
  const { http } = testHttp([]);
  http.mountPlugin('demo', [say('/', 'root')], effectsOf('demo'));
  expect(await (await http.inject('/api/v1/plugins/demo')).json()).toBe('root');
});

test.for([
  ['/api/v1/plugins/demo/a', 200],
  ['/api/v1/plugins/demo/A', 404],
  ['/api/v1/plugins/demo/a/', 404],
  ['/api/v1/plugins/demo//a', 404],
  ['/api/v1/plugins/demo/%61', 404],
  ['/api/v1/plugins/demo', 404],
] as const)('a path is matched exactly: %s gives %i', async ([path, status]) => {
  const { http } = testHttp([]);
  http.mountPlugin('demo', [say('/a', 'a')], effectsOf('demo'));
  expect((await http.inject(path)).status).toBe(status);
});

test('parameters are decoded, and what cannot be decoded stays as it is', async () => {
  const { http } = testHttp([]);
  const echo = route.get('/:id', {
    ...common,
    params: z.object({ id: z.string() }),
    output: z.string(),
    handle: ({ params }) => params.id,
  });
  http.mountPlugin('demo', [echo], effectsOf('demo'));
  const get = async (id: string) => (await http.inject(`/api/v1/plugins/demo/${id}`)).json();
  expect(await get('a%2Fb%20%C3%A9')).toBe('a/b é');
  expect(await get('%zz')).toBe('%zz');
});

test('an unknown path is a 404 and a wrong method a 405 with Allow, both in the JSON form', async () => {
  const { http } = testHttp([]);
  http.mountPlugin(
    'demo',
    [
      say('/a', 'a'),
      route.patch('/a', { ...common, handle: () => {} }),
      route.delete('/:any', { ...common, handle: () => {} }),
    ],
    effectsOf('demo'),
  );
  const missing = await http.inject('/api/v1/plugins/demo/a/b');
  expect([missing.status, await missing.json()]).toEqual([404, { error: 'there is nothing at this path' }]);
  const wrong = await http.inject('/api/v1/plugins/demo/a', { method: 'PROPFIND' });
  expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'DELETE, GET, HEAD, PATCH']);
  expect(await wrong.json()).toEqual({ error: 'PROPFIND is not served here, only DELETE, GET, HEAD, PATCH' });
});

test('a swap serves the new routes at once, and a request under way ends with the old ones', async () => {
  const { http } = testHttp([]);
  const gate = Promise.withResolvers<void>();
  let waiting = 0;
  const slow = route.get('/slow', {
    ...common,
    output: z.string(),
    async handle() {
      waiting += 1;
      await gate.promise;
      return 'old';
    },
  });
  const first = http.mountPlugin('demo', [slow, say('/gone', 'old')], effectsOf('demo'));
  const underWay = http.inject('/api/v1/plugins/demo/slow');
  await eventually(() => waiting === 1);

  const second = http.mountPlugin('demo', [say('/slow', 'new')], effectsOf('demo'));
  expect(await (await http.inject('/api/v1/plugins/demo/slow')).json()).toBe('new');
  expect((await http.inject('/api/v1/plugins/demo/gone')).status).toBe(404);
  first.unmount();
  expect((await http.inject('/api/v1/plugins/demo/slow')).status).toBe(200);
  gate.resolve();
  expect(await (await underWay).json()).toBe('old');
  second.unmount();
  expect((await http.inject('/api/v1/plugins/demo/slow')).status).toBe(404);
});

test('routes tell who serves what, and what it takes', () => {
  const { http } = testHttp([
    kernelRoute.get('/healthz', {
      summary: 'Alive?',
      capability: 'public',
      scope: { none: 'a probe' },
      handle: () => {},
    }),
  ]);
  http.mountPlugin('demo', [say('/a', 'a')], effectsOf('demo'));
  expect(http.routes()).toEqual([
    {
      method: 'GET',
      path: '/healthz',
      owner: 'kernel',
      summary: 'Alive?',
      capability: 'public',
      scope: { none: 'a probe', servesLimited: false },
    },
    {
      method: 'GET',
      path: '/api/v1/plugins/demo/a',
      owner: 'demo',
      summary: undefined,
      capability: 'view',
      scope: { none: 'a test', servesLimited: false },
    },
  ]);
});
