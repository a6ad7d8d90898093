import { reply, route, z, type Route } from '@heldar/plugin-sdk';
import { expect, test } from 'vitest';
import { effectsOf, testHttp, type TestHttp } from '../http-for-tests.ts';
import type { ApiDocument } from '../openapi/document.ts';
import { apiDocsRoutes } from './api-docs.ts';

function docsHttp(): TestHttp {
  const side: TestHttp = testHttp(apiDocsRoutes({ served: () => side.http.served, version: '1.2.3' }));
  return side;
}

async function documentOf({ http }: TestHttp): Promise<ApiDocument> {
  const response = await http.inject('/openapi.json');
  expect(response.status).toBe(200);
  return (await response.json()) as ApiDocument;
}

async function documentWith(routes: readonly Route[]): Promise<ApiDocument> {
  const side = docsHttp();
  side.http.mountPlugin('demo', routes, effectsOf('demo'));
  return documentOf(side);
}

const common = { capability: 'view', scope: { none: 'a test' } } as const;

test('the document follows what is mounted, replaced and taken away', async () => {
  const side = docsHttp();
  const paths = async () =>
    Object.keys((await documentOf(side)).paths).filter((path) => path.includes('demo'));
  const say = (path: string) => route.get(path, { ...common, output: z.string(), handle: () => '' });
  expect(await paths()).toEqual([]);
  side.http.mountPlugin('demo', [say('/a')], effectsOf('demo'));
  expect(await paths()).toEqual(['/api/v1/plugins/demo/a']);
  const second = side.http.mountPlugin('demo', [say('/b')], effectsOf('demo'));
  expect(await paths()).toEqual(['/api/v1/plugins/demo/b']);
  second.unmount();
  expect(await paths()).toEqual([]);
});

test('a route is told with all that it declares', async () => {
  const { paths, tags } = await documentWith([
    route.post('/lamps/:id', {
      summary: 'Switch a lamp. It takes a while.',
      capability: 'operate_gate',
      scope: { camera: 'body.camera_id' },
      params: z.object({ id: z.string().describe('of the lamp') }),
      query: z.object({ force: z.stringbool().optional() }),
      body: z.object({ camera_id: z.string() }),
      output: z.object({ on: z.boolean() }),
      status: 202,
      headers: { 'x-why': 'Why it is switched.' },
      replies: { 202: { description: 'It will be.', headers: { 'x-when': 'When.' } } },
      handle: () => ({ on: true }),
    }),
  ]);
  expect(tags.map(({ name }) => name)).toEqual(['kernel', 'demo']);
  expect(paths['/api/v1/plugins/demo/lamps/{id}']?.['post']).toMatchObject({
    summary: 'Switch a lamp',
    description: 'Switch a lamp. It takes a while.',
    tags: ['demo'],
    'x-heldar-capability': 'operate_gate',
    'x-heldar-scope': { camera: 'body.camera_id' },
    parameters: [
      { name: 'id', in: 'path', required: true, description: 'of the lamp', schema: { type: 'string' } },
      { name: 'force', in: 'query', required: false, schema: { type: 'string' } },
      { name: 'x-why', in: 'header', required: false, description: 'Why it is switched.' },
    ],
    requestBody: {
      required: true,
      content: { 'application/json': { schema: { required: ['camera_id'] } } },
    },
    responses: {
      202: {
        description: 'It will be.',
        headers: { 'x-when': { description: 'When.' } },
        content: { 'application/json': { schema: { properties: { on: { type: 'boolean' } } } } },
      },
    },
  });
});

test('which refusals a route may give follows from what it takes', async () => {
  const { paths } = await documentWith([
    route.get('/all', { ...common, output: z.string(), handle: () => '' }),
    route.delete('/:id', { ...common, params: z.object({ id: z.string() }), handle: () => {} }),
    route.put('/all', { ...common, body: z.object({}).optional(), handle: () => {} }),
  ]);
  const statuses = (path: string, method: string) =>
    Object.keys(paths[`/api/v1/plugins/demo/${path}`]?.[method]?.responses ?? {});
  expect(statuses('all', 'get')).toEqual(['200', '401', '403', '503', 'default']);
  expect(statuses('{id}', 'delete')).toEqual(['204', '400', '401', '403', '404', '409', '503', 'default']);
  expect(statuses('all', 'put')).toEqual([
    '204',
    '400',
    '401',
    '403',
    '409',
    '413',
    '415',
    '422',
    '503',
    'default',
  ]);
  expect(paths['/api/v1/plugins/demo/all']?.['put']?.requestBody?.required).toBe(false);
});

test('answers by hand are told as declared, or left open', async () => {
  const { paths } = await documentWith([
    route.get('/open', { ...common, handle: () => reply({ body: 'x' }) }),
    route.get('/picture', {
      ...common,
      replies: {
        200: { description: 'A picture.', contentType: 'image/png' },
        404: { description: 'None yet.', schema: z.object({ wait_s: z.number() }) },
      },
      handle: () => reply({ body: 'x' }),
    }),
  ]);
  const answers = (name: string) => paths[`/api/v1/plugins/demo/${name}`]?.['get']?.responses;
  expect(Object.keys(answers('open') ?? {})).toEqual(['401', '403', '503', '2XX', 'default']);
  expect(answers('picture')).toMatchObject({
    200: { description: 'A picture.', content: { 'image/png': { schema: {} } } },
    404: {
      content: {
        'application/json': {
          schema: { anyOf: [{ required: ['wait_s'] }, { $ref: '#/components/schemas/Error' }] },
        },
      },
    },
  });
});

test('two routes that name the parameter of one path differently stand at one path', async () => {
  const { paths } = await documentWith([
    route.get('/:id', { ...common, output: z.string(), handle: () => '' }),
    route.delete('/:lamp', {
      ...common,
      params: z.object({ lamp: z.string().describe('a lamp') }),
      handle: () => {},
    }),
  ]);
  expect(Object.keys(paths).filter((path) => path.includes('demo'))).toEqual(['/api/v1/plugins/demo/{id}']);
  expect(paths['/api/v1/plugins/demo/{id}']?.['delete']?.parameters).toEqual([
    { name: 'id', in: 'path', required: true, description: 'a lamp', schema: { type: 'string' } },
  ]);
});

test('the page runs and loads nothing but what this server sends', async () => {
  const { http } = docsHttp();
  const page = await http.inject('/docs');
  expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/);
  const html = await page.text();
  const addresses = [...html.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, address]) => `/${address}`);
  expect(addresses).toHaveLength(5);
  for (const address of addresses) {
    const { status, headers } = await http.inject(address);
    expect([address, status]).toEqual([address, 200]);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  }
  expect((await http.inject('/docs/package.json')).status).toBe(404);
});
