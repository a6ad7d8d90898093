/** Is a forwarded address believed only of who may say so? */
import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { createClientAddresses, proxiesProblem } from './client-address.ts';

const request = (remoteAddress: string, headers: Record<string, string> = {}, encrypted = false) =>
  ({ socket: { remoteAddress, encrypted }, headers }) as unknown as IncomingMessage;
const forwarded = (text: string) => ({ 'x-forwarded-for': text });

test.each([
  ['nobody is trusted', [], '10.0.0.9', '1.2.3.4', '10.0.0.9'],
  ['the proxy is trusted', ['10.0.0.9'], '10.0.0.9', '1.2.3.4', '1.2.3.4'],
  ['what a client put in front is not believed', ['10.0.0.0/8'], '10.0.0.9', '6.6.6.6, 1.2.3.4', '1.2.3.4'],
  ['a chain of trusted ones', ['10.0.0.0/8'], '10.0.0.9', '1.2.3.4, 10.0.0.8', '1.2.3.4'],
  ['loopback by name', ['loopback'], '::1', '1.2.3.4', '1.2.3.4'],
  ['somebody else says so', ['10.0.0.9'], '10.0.0.8', '1.2.3.4', '10.0.0.8'],
] as const)('%s', (_, proxies, remote, header, address) => {
  expect(createClientAddresses(proxies).addressOf(request(remote, forwarded(header)))).toBe(address);
});

test('TLS is seen, and believed of a trusted proxy alone', () => {
  const addresses = createClientAddresses(['10.0.0.9']);
  const https = { 'x-forwarded-proto': 'https, http' };
  expect(addresses.isSecure(request('1.2.3.4', {}, true))).toBe(true);
  expect(addresses.isSecure(request('10.0.0.9', https))).toBe(true);
  expect(addresses.isSecure(request('1.2.3.4', https))).toBe(false);
  expect(addresses.isSecure(request('10.0.0.9', { 'x-forwarded-proto': 'http' }))).toBe(false);
});

test('what is no network is told', () => {
  expect(proxiesProblem(['10.0.0.0/8', 'loopback'])).toBeNull();
  expect(proxiesProblem(['the gateway'])).toMatch(/the gateway.*10\.0\.0\.0\/8/);
});
