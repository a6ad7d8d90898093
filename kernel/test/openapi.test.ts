import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRig, type KernelRig } from './kernel-rig.ts';

interface Answer {
  readonly description: string;
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}
interface Operation {
  readonly tags: readonly string[];
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: object }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> };
  readonly responses: Readonly<Record<string, Answer & { readonly $ref?: string }>>;
  readonly 'x-heldar-capability': string;
  readonly 'x-heldar-scope': object;
}
interface ApiDocument {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>;
    readonly responses: Readonly<Record<string, Answer>>;
  };
}

/** As a package, whose manifest names the routes it may have. */
const zones = join(import.meta.dirname, '../../plugins/zones');

let rig: KernelRig;
let document: ApiDocument;

beforeAll(async () => {
  rig = await startRig({ config: { plugins: [zones] } });
  document = await readDocument();
  const square = [
    [0, 0],
    [1, 0],
    [1, 1],
  ];
  await rig.call('POST', '/api/v1/cameras/gate/zones', { name: 'Door', polygon: square });
  await rig.call('POST', '/api/v1/cameras/gate/ai-tasks', { task_type: 'detection' });
  const person = { label: 'person', confidence: 0.9, bbox: [0.4, 0.2, 0.2, 0.3], track_id: '1' };
  await rig.call('POST', '/api/v1/ai/events', {
    camera_id: 'gate',
    task_type: 'detection',
    detections: [person],
    event: { event_type: 'worker.started' },
  });
  await rig.kernel.quiet();
});
afterAll(() => rig[Symbol.asyncDispose]());

async function readDocument(): Promise<ApiDocument> {
  const { status, body } = await rig.call('GET', '/openapi.json');
  expect(status).toBe(200);
  return body as ApiDocument;
}

test('the document is OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate({ ...structuredClone(document) });
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
});

test('each route that is served stands in it once, with its owner, capability and scope', () => {
  const told = operations().map(({ method, path, operation }) => ({
    address: `${method} ${path}`,
    owner: operation.tags[0],
    capability: operation['x-heldar-capability'],
  }));
  const served = rig.kernel.routes().map(({ method, path, owner, capability }) => ({
    address: `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`,
    owner,
    capability,
  }));
  expect(told.toSorted(byAddress)).toEqual(served.toSorted(byAddress));
  expect(operationAt('GET', '/api/v1/cameras/{id}/zone-events')['x-heldar-scope']).toEqual({
    camera: 'params.id',
  });
  const ids = operations().map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
});

test('each path parameter is declared, and no other', () => {
  for (const { path, operation } of operations()) {
    const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect(declared.map(({ name }) => name)).toEqual(inPath);
  }
});

test('routes of a plugin leave the document with it, and come back', async () => {
  await using other = await startRig({ cameras: [], config: { plugins: [zones] } });
  const paths = async () => {
    const { body } = await other.call('GET', '/openapi.json');
    return Object.keys((body as ApiDocument).paths).filter((path) => path.includes('zone'));
  };
  const served = await paths();
  expect(served).toContain('/api/v1/cameras/{id}/zone-events');
  expect(await other.call('POST', '/api/v1/admin/plugins/zones/disable')).toMatchObject({ status: 200 });
  expect(await paths()).toEqual([]);
  expect(await other.call('POST', '/api/v1/admin/plugins/zones/enable')).toMatchObject({ status: 200 });
  expect((await paths()).toSorted()).toEqual(served.toSorted());
});

test('every kernel route that answers by hand says what', () => {
  const unsaid = operations()
    .filter(({ operation }) => operation.tags[0] === 'kernel' && '2XX' in operation.responses)
    .map(({ method, path }) => `${method} ${path}`);
  expect(unsaid).toEqual([]);
});

test('schemas that the code names stand once', () => {
  expect(Object.keys(document.components.schemas)).toEqual(
    expect.arrayContaining(['Error', 'Camera', 'CameraStatus', 'Event', 'zones.Zone', 'zones.ZoneEvent']),
  );
  const { content } = operationAt('POST', '/api/v1/cameras').responses['201'] ?? {};
  expect(content?.['application/json']?.schema).toEqual({ $ref: '#/components/schemas/Camera' });
});

test('what is sent has schemas that a strict validator takes', () => {
  for (const { operation } of operations()) {
    const bodies = Object.values(operation.requestBody?.content ?? {});
    for (const { schema } of [...bodies, ...(operation.parameters ?? [])])
      expect(() => compile(schema), operation.operationId).not.toThrow();
  }
  const validate = compile({ $ref: '#/components/schemas/NewCamera' });
  expect(validate({ name: 'Gate', rtsp_port: 554, record_mode: 'continuous', unknown: 1 })).toBe(true);
  expect(validate({ name: 'Gate', rtsp_port: 0 })).toBe(false);
});

describe('what the kernel answers is what the document says', () => {
  /** What a route that reads something needs, and here is not: the camera has neither stream nor footage. */
  const refused: Readonly<Record<string, number>> = {
    '/media/recordings/{camera_id}/{file}': 404,
    '/media/clips/{file}': 404,
    '/media/snapshots/{file}': 404,
    '/media/snapshots/{camera_id}/{file}': 404,
    '/media/playback/{session_id}/{file}': 404,
    '/media/previews/{camera_id}/{file}': 404,
    '/docs/{file}': 404,
    // Not set up.
    '/api/v1/auth/oidc/login': 404,
    '/api/v1/auth/oidc/callback': 404,
    // The system has no account.
    '/api/v1/auth/sessions': 403,
    '/api/v1/users/{id}/sessions': 404,
    '/api/v1/cameras/{id}/frame': 404,
    '/api/v1/cameras/{id}/test': 400,
    '/api/v1/cameras/{id}/clip.mp4': 400,
    '/api/v1/cameras/{id}/snapshot': 400,
  };

  test('to every GET', async () => {
    const reads = operations().filter(({ method }) => method === 'GET');
    expect(reads.length).toBeGreaterThan(25);
    for (const { path } of reads) {
      const address = path.replace('{id}', 'gate').replace('{camera_id}', 'gate').replace('{file}', 'x');
      const status = await expectDocumented('GET', path, address);
      expect([path, status]).toEqual([path, refused[path] ?? 200]);
    }
  });

  test.for([
    ['a query that is refused', 'GET', '/api/v1/events', '/api/v1/events?limit=many', undefined, 400],
    ['a camera that is not there', 'GET', '/api/v1/cameras/{id}', '/api/v1/cameras/none', undefined, 404],
    [
      'a camera that is there',
      'POST',
      '/api/v1/cameras',
      '/api/v1/cameras',
      { id: 'gate', name: 'Gate' },
      409,
    ],
    ['a camera', 'POST', '/api/v1/cameras', '/api/v1/cameras', { id: 'dock', name: 'Dock' }, 201],
    ['a body of the wrong shape', 'POST', '/api/v1/cameras', '/api/v1/cameras', { name: 1 }, 422],
    ['a body of a wrong value', 'POST', '/api/v1/cameras', '/api/v1/cameras', { name: ' ' }, 400],
    [
      'a body that is too large',
      'POST',
      '/api/v1/ai/events',
      '/api/v1/ai/events',
      'x'.repeat(2 ** 21 + 1),
      413,
    ],
    ['a change', 'PATCH', '/api/v1/cameras/{id}', '/api/v1/cameras/yard', { name: 'Yard' }, 200],
    ['a deletion', 'DELETE', '/api/v1/cameras/{id}', '/api/v1/cameras/yard', undefined, 204],
  ] as const)('to %s', async ([, method, path, address, body, status]) => {
    expect(await expectDocumented(method, path, address, body)).toBe(status);
  });

  test('to a body that is not JSON', async () => {
    const headers = { 'content-type': 'text/plain' };
    const status = await expectDocumented('POST', '/api/v1/cameras', '/api/v1/cameras', 'text', headers);
    expect(status).toBe(415);
  });
});

/** Compares one answer with what the document says of its status; a member that the document does not name counts as wrong. */
async function expectDocumented(
  method: string,
  path: string,
  address: string,
  body?: unknown,
  headers: Record<string, string> = { 'content-type': 'application/json' },
): Promise<number> {
  const abort = new AbortController();
  const response = await rig.kernel.inject(address, {
    method,
    signal: abort.signal,
    ...(body === undefined ? {} : { body, headers }),
  });
  const operation = operationAt(method, path);
  const entry = operation.responses[String(response.status)];
  expect(entry, `${method} ${path} answered ${response.status}`).toBeDefined();
  const told =
    entry?.$ref === undefined ? entry : document.components.responses[entry.$ref.split('/').at(-1) ?? ''];
  const contentType = response.headers.get('content-type')?.split(';')[0];
  expect(Object.keys(told?.content ?? {})).toEqual(contentType === undefined ? [] : [contentType]);
  const isJson = contentType === 'application/json';
  const validate = compile(isJson ? (told?.content?.[contentType]?.schema ?? false) : true, true);
  const answer: unknown = isJson ? await response.json() : null;
  expect(validate(answer), `${method} ${path}: ${JSON.stringify(validate.errors)}`).toBe(true);
  abort.abort();
  return response.status;
}

const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
addFormats.default(ajv);
// The last two only hold what the first refers to.
ajv.addVocabulary(['x-clamp', 'schema', 'components']);

/** `isClosed`: see `closed`. */
function compile(schema: object | boolean, isClosed = false) {
  const parts = { schema, components: document.components };
  return ajv.compile({ ...(isClosed ? closed(parts) : parts), $ref: '#/schema' });
}

/** Answers may gain members in time, so the document leaves objects open; here each member has to be named. */
function closed(value: object): object {
  return JSON.parse(
    JSON.stringify(value, (_, member: unknown) =>
      typeof member === 'object' && member !== null && 'properties' in member && 'type' in member
        ? { additionalProperties: false, ...member }
        : member,
    ),
  ) as object;
}

function operations(): { method: string; path: string; operation: Operation }[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

function operationAt(method: string, path: string): Operation {
  const found = document.paths[path]?.[method.toLowerCase()];
  if (found === undefined) throw new Error(`the document has no ${method} ${path}`);
  return found;
}

function byAddress(a: { address: string }, b: { address: string }): number {
  return a.address < b.address ? -1 : 1;
}
