import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { createAuthentication, type AuthScheme } from './authentication.ts';
import type { RtspRequest } from './rtsp-message.ts';

const user = 'viewer';
const password = 'p:a"ss';
const realm = 'Heldar simulated camera';
const nonce = '0123456789abcdef';
const uri = 'rtsp://127.0.0.1/live';

function asking(authorization?: string, method = 'DESCRIBE'): RtspRequest {
  const headers = new Map(authorization === undefined ? [] : [['authorization', authorization]]);
  return { kind: 'request', method, uri, version: 'RTSP/1.0', headers, body: Buffer.alloc(0) };
}

const cameraWith = (...schemes: AuthScheme[]) => createAuthentication({ user, password, schemes }, nonce);
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

/** As RFC 2617 and RFC 7616 have it; without `qop` as in RFC 2069, which old clients speak. */
function digest(algorithm: 'MD5' | 'SHA-256', secret: string, withQop: boolean): string {
  const hash = (text: string) =>
    createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex');
  const [ha1, ha2] = [hash(`${user}:${realm}:${secret}`), hash(`DESCRIBE:${uri}`)];
  const response = hash(withQop ? `${ha1}:${nonce}:00000001:abc:auth:${ha2}` : `${ha1}:${nonce}:${ha2}`);
  const more = withQop ? ', qop=auth, nc=00000001, cnonce="abc"' : '';
  return `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", algorithm=${algorithm}, response="${response}"${more}`;
}

test('who gives no login, a wrong one, or one in a way that is not offered, is not admitted', () => {
  const camera = cameraWith('digest-md5');
  expect(camera.challenges).toEqual([expect.stringMatching(/^Digest realm=".*", nonce=".*", algorithm=MD5/)]);
  expect(camera.isAdmitted(asking())).toBe(false);
  expect(camera.isAdmitted(asking(digest('MD5', 'guess', true)))).toBe(false);
  expect(camera.isAdmitted(asking(basic(`${user}:${password}`)))).toBe(false);
  expect(camera.isAdmitted(asking(digest('SHA-256', password, true)))).toBe(false);
  expect(camera.isAdmitted(asking(digest('MD5', password, true), 'SETUP'))).toBe(false);
});

test('basic, and digest with either hash, with and without a client nonce, are admitted where offered', () => {
  const camera = cameraWith('basic', 'digest-md5', 'digest-sha256');
  expect(camera.challenges).toHaveLength(3);
  expect(camera.isAdmitted(asking(basic(`${user}:${password}`)))).toBe(true);
  for (const algorithm of ['MD5', 'SHA-256'] as const)
    for (const withQop of [true, false])
      expect(camera.isAdmitted(asking(digest(algorithm, password, withQop)))).toBe(true);
});
