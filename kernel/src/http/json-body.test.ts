/** Is a body read only when it may be, and does a refused sender get to read why? */
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { z } from '@heldar/plugin-sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testHttp } from './http-for-tests.ts';
import { maxBodyBytes } from './json-body.ts';
import { kernelRoute } from './kernel-route.ts';

const { http } = testHttp([
  kernelRoute.post('/echo', {
    capability: 'view',
    scope: { none: 'a test' },
    audit: { none: 'a test' },
    body: z.looseObject({ pad: z.string().default('') }),
    output: z.object({ size: z.number() }),
    handle: ({ body }) => ({ size: body.pad.length }),
  }),
]);
let port = 0;
beforeAll(async () => {
  ({ port } = await http.listen({ host: '127.0.0.1', port: 0 }));
});
afterAll(() => http.stop(1000));

const json = { 'content-type': 'application/json' };
const bodyOf = (bytes: number) => `{"pad":"${'x'.repeat(bytes - 10)}"}`;

const post = (body: string) =>
  fetch(`http://127.0.0.1:${port}/echo`, { method: 'POST', headers: json, body });

test('2 MiB are read and one byte more is a 413', async () => {
  expect(await (await post(bodyOf(maxBodyBytes))).json()).toEqual({ size: maxBodyBytes - 10 });
  const refused = await post(bodyOf(maxBodyBytes + 1));
  expect([refused.status, await refused.json()]).toEqual([413, { error: 'the body exceeds 2097152 bytes' }]);
  expect(refused.headers.get('connection')).toBe('close');
});

test('a body without a declared length is cut off at the limit', async () => {
  const chunks = new ReadableStream({
    start(controller) {
      for (let sent = 0; sent < 3; sent += 1) controller.enqueue(Buffer.alloc(1024 * 1024, 0x20));
      controller.close();
    },
  });
  const init = { method: 'POST', headers: json, body: chunks, duplex: 'half' } as RequestInit;
  const response = await fetch(`http://127.0.0.1:${port}/echo`, init);
  expect(response.status).toBe(413);
});

test('a sender that goes on for 20 MiB after the refusal still reads the whole answer', async () => {
  const answer = await rawExchange((socket) => {
    const size = 20 * 1024 * 1024;
    socket.write(
      `POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${size}\r\n\r\n`,
    );
    socket.end(Buffer.alloc(size, 0x20));
  });
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(answer).toContain('{"error":"the body exceeds 2097152 bytes"}');
});

test('with Expect: 100-continue a body that is too large is never asked for', async () => {
  expect(await ask(2, '{}')).toEqual({ status: 200, continued: true });
  expect(await ask(maxBodyBytes + 1, '')).toEqual({ status: 413, continued: false });
});

test.for([
  [{}, 415],
  [{ 'content-type': 'text/plain' }, 415],
  [{ 'content-type': 'application/jsonp' }, 415],
  [{ 'content-type': 'text/json' }, 415],
  [{ 'content-type': 'application/json', 'content-encoding': 'gzip' }, 415],
  [{ 'content-type': 'application/json' }, 200],
  [{ 'content-type': 'Application/JSON ; charset=utf-8' }, 200],
  [{ 'content-type': 'application/merge-patch+json' }, 200],
  [{ 'content-type': 'application/json', 'content-encoding': 'identity' }, 200],
] as const)('%j gives %i', async ([headers, status]) => {
  const response = await http.inject('/echo', { method: 'POST', headers, body: '{}' });
  expect(response.status).toBe(status);
});

test.for([
  ['an empty body', '', 400],
  ['text that is no JSON', 'hello', 400],
  ['a number beyond all bounds', '{"n":1e999}', 400],
  ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 400],
  ['65 levels', '['.repeat(65) + ']'.repeat(65), 400],
  ['a member given twice', '{"pad":"","pad":""}', 422],
  ['a list where an object is due', '[]', 422],
  ['__proto__ as a member', '{"__proto__":{"pad":"abc"}}', 200],
] as const)('%s gives %i in the JSON form', async ([, body, status]) => {
  const response = await http.inject('/echo', { method: 'POST', headers: json, body });
  expect(response.status).toBe(status);
  expect(Object.keys((await response.json()) as object)).toEqual(status === 200 ? ['size'] : ['error']);
});

test('a prototype sent as a member changes nothing', async () => {
  const response = await http.inject('/echo', {
    method: 'POST',
    headers: json,
    body: '{"__proto__":{"pad":"abc"}}',
  });
  expect(await response.json()).toEqual({ size: 0 });
});

/** Sends bytes as they are and answers all that comes back until the other side closes. */
function rawExchange(send: (socket: ReturnType<typeof connect>) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => send(socket));
    let received = '';
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => (received += text));
    socket.on('error', reject);
    socket.on('close', () => resolve(received));
  });
}

/** Asks before it sends: was it told to go on, and what was the answer? */
function ask(length: number, body: string) {
  return new Promise<{ status: number | undefined; continued: boolean }>((resolve, reject) => {
    const headers = { ...json, expect: '100-continue', 'content-length': length };
    const request = httpRequest({ port, path: '/echo', method: 'POST', headers });
    let continued = false;
    request.on('continue', () => {
      continued = true;
      request.end(body);
    });
    request.on('response', (response) => {
      response.resume();
      resolve({ status: response.statusCode, continued });
      request.destroy();
    });
    request.on('error', reject);
    request.flushHeaders();
  });
}
