/** Does the server keep its limits, and end in order? */
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { reply, z } from '@heldar/plugin-sdk';
import { expect, onTestFinished, test } from 'vitest';
import { eventually, testHttp } from './http-for-tests.ts';
import { kernelRoute } from './kernel-route.ts';
import type { HttpOptions } from './server.ts';

const common = { capability: 'view', scope: { none: 'a test' } } as const;

/** A server on a free port with a route that answers when told to, one that streams without end, and one that is quick. */
async function start(options: Partial<HttpOptions> = {}) {
  const gate = Promise.withResolvers<string>();
  const signals: AbortSignal[] = [];
  const slow = async (signal: AbortSignal) => {
    signals.push(signal);
    return gate.promise;
  };
  const { http, log } = testHttp(
    [
      kernelRoute.get('/quick', { ...common, output: z.string(), handle: () => 'quick' }),
      kernelRoute.get('/healthz', { ...common, whenBusy: 'answer', output: z.string(), handle: () => 'ok' }),
      kernelRoute.get('/slow', { ...common, output: z.string(), handle: ({ signal }) => slow(signal) }),
      kernelRoute.get('/patient', {
        ...common,
        timeoutMs: 60_000,
        output: z.string(),
        handle: ({ signal }) => slow(signal),
      }),
      kernelRoute.post('/body', {
        ...common,
        audit: { none: 'a test' },
        body: z.object({}),
        handle: () => {},
      }),
      kernelRoute.get('/throws', { ...common, handle: () => Promise.reject(new Error('secret')) }),
      kernelRoute.get('/endless', {
        ...common,
        handle({ signal }) {
          signals.push(signal);
          const body = new Readable({ read() {} });
          body.push('begun\n');
          signal.addEventListener('abort', () => body.push(null));
          return reply({ body });
        },
      }),
    ],
    options,
  );
  const { port } = await http.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => http.stop(0));
  const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init);
  return { http, log, port, get, gate, signals };
}

test('answers and refusals are taken by browsers for what they are, and shown in no page of another site', async () => {
  const route = kernelRoute.get('/it', {
    capability: 'view',
    scope: { none: 'a test' },
    output: z.string(),
    handle: () => 'it',
  });
  const { http } = testHttp([route]);
  for (const [path, role] of [
    ['/it', 'admin'],
    ['/it', 'none'],
    ['/missing', 'admin'],
  ] as const) {
    const { headers } = await http.inject(path, { headers: { 'x-role': role } });
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'referrer-policy': 'same-origin',
    });
  }
});

test('requests beyond the limit are a 503 with Retry-After, probes are answered', async () => {
  const { get, gate, signals } = await start({ limits: { concurrentRequests: 2 } });
  const underWay = [get('/slow'), get('/slow')];
  await eventually(() => signals.length === 2);
  const refused = await get('/quick');
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
  expect(await refused.json()).toEqual({ error: 'too many requests at once' });
  expect((await get('/healthz')).status).toBe(200);
  gate.resolve('done');
  expect((await Promise.all(underWay)).map(({ status }) => status)).toEqual([200, 200]);
  expect((await get('/quick')).status).toBe(200);
});

test('open-ended streams have a limit of their own and do not count as requests', async () => {
  const { get, http } = await start({ limits: { concurrentRequests: 1, concurrentStreams: 1 } });
  const hangUp = new AbortController();
  const stream = await get('/endless', { signal: hangUp.signal });
  expect([stream.status, http.requestsUnderWay, http.streamsOpen]).toEqual([200, 0, 1]);
  expect((await get('/quick')).status).toBe(200);
  const refused = await get('/endless');
  expect([refused.status, await refused.json()]).toEqual([503, { error: 'too many streams at once' }]);
  hangUp.abort();
  await eventually(() => http.streamsOpen === 0);
});

test('a handler that takes too long is answered in its place, and told to stop', async () => {
  const { get, gate, signals, http, log } = await start({ limits: { answerMs: 50 } });
  const response = await get('/slow');
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await response.json()).toEqual({ error: 'the request took too long' });
  expect(signals[0]?.aborted).toBe(true);
  const patient = get('/patient');
  await eventually(() => signals.length === 2);
  gate.resolve('late');
  expect(await (await patient).json()).toBe('late');
  await eventually(() => http.requestsUnderWay === 0);
  expect(log.filter(({ level }) => level === 'error')).toEqual([]);
});

test('a client that hangs up aborts the signal, and is no error of ours', async () => {
  const { get, gate, signals, http, log } = await start();
  const hangUp = new AbortController();
  const request = get('/slow', { signal: hangUp.signal }).catch((error: Error) => error.name);
  await eventually(() => signals.length === 1);
  hangUp.abort();
  expect(await request).toBe('AbortError');
  await eventually(() => signals[0]?.aborted === true);
  gate.resolve('nobody listens');
  await eventually(() => http.requestsUnderWay === 0);
  expect(log.filter(({ level }) => level === 'error')).toEqual([]);
});

test('an unexpected failure tells the client nothing and the log everything, under one id', async () => {
  const { get, log } = await start();
  const response = await get('/throws?token=hidden');
  expect([response.status, await response.json()]).toEqual([500, { error: 'internal error' }]);
  const line = log.find(({ level }) => level === 'error');
  expect(line?.data).toMatchObject({
    requestId: response.headers.get('x-request-id'),
    path: '/throws',
    err: { message: 'secret' },
  });
  expect(JSON.stringify(log)).not.toContain('hidden');
});

test('stopping refuses new requests, lets those under way end, then ends streams and connections', async () => {
  const { get, gate, signals, http, port } = await start();
  const slow = get('/slow');
  const endless = await get('/endless');
  await eventually(() => signals.length === 2);
  const stopped = http.stop(10_000);

  const refused = await get('/quick');
  expect([refused.status, refused.headers.get('retry-after'), refused.headers.get('connection')]).toEqual([
    503,
    '5',
    'close',
  ]);
  expect(await refused.json()).toEqual({ error: 'the kernel is stopping' });
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
  gate.resolve('done');
  const answered = await slow;
  expect([answered.status, await answered.json(), answered.headers.get('connection')]).toEqual([
    200,
    'done',
    'close',
  ]);
  expect(await endless.text()).toBe('begun\n');
  await stopped;
  await expect(get('/quick')).rejects.toThrow('fetch failed');
  expect(port).toBeGreaterThan(0);
});

test('at the deadline requests that still run are aborted and their connections closed', async () => {
  const { get, signals, http } = await start();
  const slow = get('/slow').then(
    ({ status }) => status,
    (error: Error) => error.message,
  );
  await eventually(() => signals.length === 1);
  const begun = performance.now();
  await http.stop(50);
  expect(performance.now() - begun).toBeLessThan(3000);
  expect(signals[0]?.aborted).toBe(true);
  expect(await slow).toBe('fetch failed');
});

test('a server that never listened stops too, and stopping twice is one stop', async () => {
  const { http } = testHttp([]);
  expect((await http.inject('/x')).status).toBe(404);
  const first = http.stop(100);
  expect(http.stop(100)).toBe(first);
  await first;
  expect((await http.inject('/x')).status).toBe(503);
});

test('a port that is taken is named, with the next step', async () => {
  const { port } = await start();
  const { http } = testHttp([]);
  await expect(http.listen({ host: '127.0.0.1', port })).rejects.toMatchObject({
    code: 'config_invalid',
    message: `port ${port} on 127.0.0.1 is taken; stop the program that uses it, or set HELDAR_API_PORT to a free port`,
  });
  await expect(http.listen({ host: '203.0.113.1', port: 0 })).rejects.toMatchObject({
    message: '203.0.113.1 is no address of this machine; set HELDAR_API_HOST to one, or to 0.0.0.0',
  });
});

test('a request whose body does not arrive in time is a 408 in the JSON form', async () => {
  const { port } = await start({ limits: { receiveMs: 200 } });
  const head =
    'POST /body HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{';
  expect(await exchange(port, head)).toMatch(
    /^HTTP\/1\.1 408 [^]*\r\n\r\n\{"error":"the request took too long to arrive"\}$/,
  );
});

test.for([
  ['hello\r\n\r\n', 400, 'this is not an HTTP request'],
  [`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'the headers are too large'],
] as const)('what is no request is answered in the JSON form: %#', async ([bytes, status, text]) => {
  const { port } = await start();
  const answer = await exchange(port, bytes);
  expect(answer).toContain(`HTTP/1.1 ${status} `);
  expect(answer).toContain(`{"error":"${text}"}`);
});

test.for([
  '//',
  '/\\',
  '*',
  'http://[',
  'http://a:b/',
  '/%',
  '/%zz?%zz',
  '/?a=%',
  '/..',
  '/./quick',
  'quick',
  '/quick;a',
  '/quick%00',
  '/\u00ff',
])('the odd target %s is answered in the JSON form', async (target) => {
  const { port, log } = await start();
  const answer = await exchange(port, `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 40[04] [^]*\r\n\r\n\{"error":"[^"]+"\}$/);
  expect(log.filter(({ level }) => level === 'error')).toEqual([]);
});

test('a target with scheme and host is served by its path', async () => {
  const { port } = await start();
  const request = 'GET http://elsewhere.example/quick?x=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
  expect(await exchange(port, request)).toMatch(/^HTTP\/1\.1 200 /);
});

test('HTTP/1.0 without a Host is served', async () => {
  const { port } = await start();
  expect(await exchange(port, 'GET /quick HTTP/1.0\r\n\r\n')).toMatch(
    /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n"quick"$/,
  );
});

test('two requests on one connection are answered one after the other', async () => {
  const { port } = await start();
  const one = 'GET /quick HTTP/1.1\r\nHost: x\r\n\r\n';
  const answer = await exchange(port, `${one}GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404']);
});

/** Sends bytes as they are and answers all that comes back until the other side closes. */
function exchange(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let received = '';
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => (received += text));
    socket.on('error', reject);
    socket.on('close', () => resolve(received));
  });
}
