/** Which pages may read answers? */
import { z } from '@heldar/plugin-sdk';
import { expect, test } from 'vitest';
import { testHttp } from './http-for-tests.ts';
import { kernelRoute } from './kernel-route.ts';

const route = kernelRoute.get('/x', {
  capability: 'view',
  scope: { none: 'a test' },
  output: z.number(),
  handle: () => 1,
});
const allowed = (corsOrigins: readonly string[], origin: string | null, path = '/x') =>
  testHttp([route], { corsOrigins })
    .http.inject(path, origin === null ? {} : { headers: { origin } })
    .then(({ headers }) => headers.get('access-control-allow-origin'));

test.for([
  [['https://a.example'], 'https://a.example', 'https://a.example'],
  [['https://a.example'], 'https://b.example', null],
  [['https://a.example'], null, null],
  [['https://a.example', '*'], 'https://b.example', '*'],
  [['*'], null, '*'],
  [[], 'https://a.example', null],
] as const)('of %j, the origin %s gets %s', async ([origins, origin, expected]) => {
  expect(await allowed(origins, origin)).toBe(expected);
});

test('a refusal may be read like an answer', async () => {
  expect(await allowed(['https://a.example'], 'https://a.example', '/nowhere')).toBe('https://a.example');
});

test('every answer varies by origin and allows no credentials', async () => {
  const { headers } = await testHttp([route]).http.inject('/x');
  expect(headers.get('vary')).toBe('origin, access-control-request-method, access-control-request-headers');
  expect(headers.has('access-control-allow-credentials')).toBe(false);
});

test.for(['/x', '/nowhere'])('OPTIONS %s is a preflight: 200, empty, any method and header', async (path) => {
  const response = await testHttp([route], { corsOrigins: ['*'] }).http.inject(path, { method: 'OPTIONS' });
  expect([response.status, await response.text()]).toEqual([200, '']);
  expect(response.headers.get('access-control-allow-methods')).toBe('*');
  expect(response.headers.get('access-control-allow-headers')).toBe('*');
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
});
