/** Is the cookie of no use to other sites, and of full use to the own? */
import { expect, test } from 'vitest';
import { HeldarError } from '../errors.ts';
import { requireOwnOrigin } from './own-origin.ts';

const cookie = { host: 'box:8000', cookie: 'heldar_session=vos_1' };

function isLetThrough(headers: Record<string, string>, method: 'GET' | 'POST' = 'POST'): boolean {
  try {
    requireOwnOrigin(method, headers);
    return true;
  } catch (error) {
    if (error instanceof HeldarError && error.code === 'forbidden') return false;
    throw error;
  }
}

test.each([
  ['its own page', { 'sec-fetch-site': 'same-origin', origin: 'http://box:8000' }, true],
  ['a person', { 'sec-fetch-site': 'none' }, true],
  ['another host of the domain', { 'sec-fetch-site': 'same-site' }, false],
  ['another site', { 'sec-fetch-site': 'cross-site', origin: 'http://box:8000' }, false],
  ['an older browser, own page', { origin: 'http://box:8000' }, true],
  ['an older browser, another port', { origin: 'http://box:9000' }, false],
  ['a page without an origin', { origin: 'null' }, false],
  ['no browser', {}, true],
] as const)('%s', (_, headers, isOwn) => {
  expect(isLetThrough({ ...cookie, ...headers })).toBe(isOwn);
  // Reads change nothing, and a token is sent by nobody who does not have it.
  expect(isLetThrough({ ...cookie, ...headers }, 'GET')).toBe(true);
  expect(isLetThrough({ ...headers, host: 'box:8000', authorization: 'Bearer vos_1' })).toBe(true);
});
