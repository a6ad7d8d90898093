/** Are requests checked in the published order, and answered as declared? */
import { Readable } from 'node:stream';
import { reply, z } from '@heldar/plugin-sdk';
import { expect, test } from 'vitest';
import { HeldarError } from '../errors.ts';
import { testHttp } from './http-for-tests.ts';
import { kernelRoute } from './kernel-route.ts';

const none = { none: 'a test' };

const measure = kernelRoute.post('/api/v1/cameras/:id/marks/:mark', {
  audit: none,
  capability: 'manage_registry',
  scope: { camera: 'params.id' },
  params: z.object({ id: z.string(), mark: z.string().min(2) }),
  query: z.object({ size: z.coerce.number().int().optional() }),
  body: z.object({
    n: z.int().min(3),
    mode: z.enum(['a', 'b']).optional(),
    points: z.array(z.object({ x: z.number() })).default([]),
  }),
  output: z.object({ n: z.number() }),
  status: 201,
  handle({ body }) {
    if (body.n === 99) throw new HeldarError('conflict', '99 is taken');
    return { n: body.n };
  },
});

interface Sent {
  readonly path?: string;
  readonly role?: string;
  readonly type?: string;
  readonly body?: unknown;
}

async function send({ path = '/api/v1/cameras/gate/marks/m1', role = 'admin', type, body = { n: 5 } }: Sent) {
  const { http } = testHttp([measure]);
  const headers = { 'x-role': role, ...(type === undefined ? {} : { 'content-type': type }) };
  const response = await http.inject(path, { method: 'POST', headers, body });
  return { status: response.status, answer: (await response.json()) as { error?: string } };
}

const elsewhere = '/api/v1/cameras/nowhere/marks/m1';

test.for([
  ['an unknown caller before anything else', { role: 'none', body: '{' }, 401, 'authentication required'],
  [
    'a wrong content type before the role',
    { role: 'viewer', type: 'text/plain', body: '{}' },
    415,
    'a JSON body',
  ],
  [
    'malformed JSON before the role',
    { role: 'viewer', type: 'application/json', body: '{' },
    400,
    'offset 1',
  ],
  [
    'a wrong shape before the role',
    { role: 'viewer', body: { n: 'x' } },
    422,
    'n: expected number, got text',
  ],
  ['a fraction as a wrong shape', { body: { n: 3.5 } }, 422, 'n: expected whole number, got a fraction'],
  ['a missing member as a wrong shape', { body: {} }, 422, 'n: missing'],
  [
    'a member twice as a wrong shape',
    { type: 'application/json', body: '{"n":5,"n":5}' },
    422,
    'n: given twice',
  ],
  [
    'a value of the wrong type in a list',
    { body: { n: 5, points: [{ x: 1 }, { x: '1' }] } },
    422,
    'points[1].x: expected number',
  ],
  ['a choice of the wrong type', { body: { n: 5, mode: 7 } }, 422, 'mode: invalid option'],
  [
    'a query of the wrong type before the role',
    { role: 'viewer', path: `${elsewhere}?size=x` },
    400,
    'size: expected number',
  ],
  ['a query parameter given twice', { path: `${elsewhere}?size=1&size=2` }, 400, 'size: given twice'],
  [
    'the role before the camera',
    { role: 'viewer', path: elsewhere },
    403,
    'the role viewer may not change the registry',
  ],
  [
    'the camera before values of the body',
    { path: elsewhere, body: { n: 1 } },
    404,
    'camera nowhere not found',
  ],
  [
    'the camera before values of the path',
    { path: '/api/v1/cameras/nowhere/marks/m' },
    404,
    'camera nowhere not found',
  ],
  ['a value of the path', { path: '/api/v1/cameras/gate/marks/m' }, 400, 'mark: too small'],
  ['a value of the body before the handler', { body: { n: 1 } }, 400, 'n: too small'],
  [
    'a choice that is none',
    { body: { n: 5, mode: 'c' } },
    400,
    'mode: invalid option: expected one of "a"|"b"',
  ],
  ['what the handler refuses last', { body: { n: 99 } }, 409, '99 is taken'],
] as const)('%s: %j gives %i', async ([, sent, status, text]) => {
  const { status: answered, answer } = await send(sent);
  expect([answered, answer.error]).toEqual([status, expect.stringContaining(text)]);
});

test('a good request is answered with the declared status and exactly application/json', async () => {
  const { http } = testHttp([measure]);
  const response = await http.inject('/api/v1/cameras/gate/marks/m1?unknown=1&unknown=2', {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.acme+json; charset=utf-8' },
    body: JSON.stringify({ n: 4, unknown: true }),
  });
  expect(response.status).toBe(201);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(await response.json()).toEqual({ n: 4 });
});

test.for([
  ['/by-query', 200],
  ['/by-query?camera_id=gate', 200],
  ['/by-query?camera_id=nowhere', 404],
  ['/by-query?camera_id=', 404],
] as const)(
  'a camera named in the query may be left out, and must exist otherwise: %s gives %i',
  async ([path, status]) => {
    const route = kernelRoute.get('/by-query', {
      capability: 'view',
      scope: { camera: 'query.camera_id' },
      query: z.object({ camera_id: z.string().optional() }),
      output: z.null(),
      handle: () => null,
    });
    expect((await testHttp([route]).http.inject(path)).status).toBe(status);
  },
);

test('a camera named in the body is looked for before the values of the body', async () => {
  const route = kernelRoute.post('/by-body', {
    audit: none,
    capability: 'view',
    scope: { camera: 'body.camera_id' },
    body: z.object({ camera_id: z.string(), n: z.number().max(1) }),
    handle: () => undefined,
  });
  const { http } = testHttp([route]);
  const post = async (body: object) => (await http.inject('/by-body', { method: 'POST', body })).status;
  expect(await post({ camera_id: 'nowhere', n: 2 })).toBe(404);
  expect(await post({ camera_id: 'gate', n: 2 })).toBe(400);
  expect(await post({ camera_id: 'gate', n: 1 })).toBe(204);
});

test('a public route asks nobody for a credential', async () => {
  const route = kernelRoute.get('/open', {
    capability: 'public',
    scope: none,
    output: z.string(),
    handle: ({ principal }) => principal.role,
  });
  const response = await testHttp([route]).http.inject('/open', { headers: { 'x-role': 'none' } });
  expect([response.status, await response.json()]).toEqual([200, 'viewer']);
});

test('a caller limited to cameras sees its own, and nothing that is about none of them but what says so', async () => {
  const answering = (path: string, scope: { none: string; limited?: 'serve' } | { rows: 'cameras' }) =>
    kernelRoute.get(path, {
      capability: 'view',
      scope,
      output: z.array(z.string()),
      handle: ({ cameras }) => ['gate', 'yard', 'attic'].filter((id) => cameras.includes(id)),
    });
  const { http } = testHttp([
    answering('/rows', { rows: 'cameras' }),
    answering('/all', none),
    answering('/any', { ...none, limited: 'serve' }),
  ]);
  const get = async (path: string, cameras: string) => {
    const response = await http.inject(path, { headers: { 'x-cameras': cameras } });
    return response.status === 200 ? await response.json() : response.status;
  };
  for (const path of ['/rows', '/any']) expect(await get(path, 'yard,attic')).toEqual(['yard']);
  expect(await get('/rows', '')).toEqual([]);
  expect(await get('/all', 'yard')).toBe(403);
});

test('what anybody who is known may ask for needs a credential, and no capability', async () => {
  const route = kernelRoute.get('/me', {
    capability: 'authenticated',
    scope: { ...none, limited: 'serve' },
    output: z.string(),
    handle: ({ principal }) => principal.role,
  });
  const get = async (role: string) =>
    (await testHttp([route]).http.inject('/me', { headers: { 'x-role': role } })).status;
  expect([await get('none'), await get('viewer')]).toEqual([401, 200]);
});

test('a reply by hand carries its status, headers and bytes', async () => {
  const routes = [
    kernelRoute.get('/bytes', {
      capability: 'view',
      scope: none,
      output: z.string(),
      handle: () =>
        reply({ headers: { 'content-type': 'image/jpeg' }, body: new Uint8Array([1, 2, 3]).subarray(1) }),
    }),
    kernelRoute.get('/moved', {
      capability: 'view',
      scope: none,
      handle: () => reply({ status: 302, headers: { location: '/x' } }),
    }),
    kernelRoute.get('/unchanged', {
      capability: 'view',
      scope: none,
      handle: () => reply({ status: 304, headers: { etag: '"1"' } }),
    }),
    kernelRoute.get('/stream', {
      capability: 'view',
      scope: none,
      handle: () => reply({ body: Readable.from(['a', 'b']) }),
    }),
    kernelRoute.get('/empty', {
      capability: 'view',
      scope: none,
      handle: () => reply({ headers: { 'content-type': 'text/plain' }, body: '' }),
    }),
  ];
  const { http } = testHttp(routes);
  const bytes = await http.inject('/bytes');
  expect([bytes.headers.get('content-type'), [...(await bytes.bytes())]]).toEqual(['image/jpeg', [2, 3]]);
  const moved = await http.inject('/moved');
  expect([moved.status, moved.headers.get('location'), await moved.text()]).toEqual([302, '/x', '']);
  expect((await http.inject('/unchanged')).status).toBe(304);
  expect(await (await http.inject('/stream')).text()).toBe('ab');
  const empty = await http.inject('/empty');
  expect([empty.status, empty.headers.get('content-length')]).toEqual([200, '0']);
});

test('HEAD answers what GET does, without the body', async () => {
  const route = kernelRoute.get('/thing', {
    capability: 'view',
    scope: none,
    output: z.string(),
    handle: () => 'abc',
  });
  const response = await testHttp([route]).http.inject('/thing', { method: 'HEAD' });
  expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([
    200,
    '5',
    '',
  ]);
});

test('an answer that its schema forbids is a 500 whose log names the field', async () => {
  const route = kernelRoute.get('/wrong', {
    capability: 'view',
    scope: none,
    output: z.object({ list: z.array(z.object({ n: z.number() })) }),
    handle: () => ({ list: [{ n: 'one' as never }] }),
  });
  const { http, log } = testHttp([route]);
  const response = await http.inject('/wrong');
  expect([response.status, await response.json()]).toEqual([500, { error: 'internal error' }]);
  expect(log.find(({ level }) => level === 'error')?.data['err']).toMatchObject({
    message:
      'kernel: GET /wrong answered what its output schema forbids: list[0].n: expected number, got text',
  });
  expect((await testHttp([route], { checkOutput: false }).http.inject('/wrong')).status).toBe(200);
});

test.for([
  ['without a Content-Type', {}, 'not JSON', 200, null],
  ['with a body', { 'content-type': 'application/json' }, '{"note":"x"}', 200, 'x'],
  ['with an empty JSON body', { 'content-type': 'application/json' }, '', 400, undefined],
  ['with another content type', { 'content-type': 'text/plain' }, 'x', 415, undefined],
] as const)('an optional body %s', async ([, headers, body, status, note]) => {
  const route = kernelRoute.post('/confirm', {
    audit: none,
    capability: 'view',
    scope: none,
    body: z.object({ note: z.string() }).optional(),
    output: z.string().nullable(),
    handle: (request) => request.body?.note ?? null,
  });
  const response = await testHttp([route]).http.inject('/confirm', { method: 'POST', headers, body });
  const answered = await response.json();
  expect([response.status, status === 200 ? answered : undefined]).toEqual([status, note]);
});

test('a camera that the schema renames is still looked for', async () => {
  const route = kernelRoute.post('/renamed', {
    audit: none,
    capability: 'view',
    scope: { camera: 'body.camera_id' as never },
    body: z.object({ camera_id: z.string() }).transform(({ camera_id: camera }) => ({ camera })),
    handle: () => undefined,
  });
  const post = async (id: string) =>
    (await testHttp([route]).http.inject('/renamed', { method: 'POST', body: { camera_id: id } })).status;
  expect([await post('gate'), await post('nowhere')]).toEqual([204, 404]);
});
