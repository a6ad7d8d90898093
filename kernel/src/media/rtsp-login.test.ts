/** Does a camera let in who answers its challenge? Checked against the RFC's own figures and the simulated camera's. */
import { expect, test } from 'vitest';
import { createAuthentication } from '../simulate/authentication.ts';
import { answerChallenge, canAnswer, parseChallenge } from './rtsp-login.ts';

const login = { user: 'admin', password: 'p:a"ss ö' };
const request = { method: 'DESCRIBE', uri: 'rtsp://camera:8554/live?channel=1' };

function challengeOf(line: string) {
  const challenge = parseChallenge(`WWW-Authenticate: ${line}`);
  if (challenge === null) throw new Error('it is none');
  return challenge;
}

test('a digest without qop is that of RFC 2069, with the figures of its erratum', () => {
  const challenge = challengeOf(
    'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
  );
  expect(
    answerChallenge(
      challenge,
      { user: 'Mufasa', password: 'CircleOfLife' },
      { method: 'GET', uri: '/dir/index.html' },
    ),
  ).toBe(
    'Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", ' +
      'uri="/dir/index.html", response="1949323746fe6a43ef61f9606e7febea", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
  );
});

test.each(['basic', 'digest-md5'] as const)('%s is admitted, and a wrong password is not', (scheme) => {
  const camera = createAuthentication({ ...login, schemes: [scheme] }, 'a nonce');
  const challenge = challengeOf(camera.challenges[0] ?? '');
  expect(canAnswer(challenge)).toBe(true);
  const isAdmitted = (password: string) =>
    camera.isAdmitted({
      ...request,
      kind: 'request',
      version: 'RTSP/1.0',
      headers: new Map([['authorization', answerChallenge(challenge, { ...login, password }, request)]]),
      body: Buffer.alloc(0),
    });
  expect({ right: isAdmitted(login.password), wrong: isAdmitted('other') }).toEqual({
    right: true,
    wrong: false,
  });
});

test('what ffmpeg can not answer is told apart', () => {
  const ways = [
    'Digest realm="a", algorithm=SHA-256',
    'Bearer realm="a"',
    'Digest realm="a"',
    'Basic realm="a"',
  ];
  expect(ways.map((line) => canAnswer(challengeOf(line)))).toEqual([false, false, true, true]);
  expect(challengeOf('Digest algorithm="MD5-sess", realm="a, b"')).toMatchObject({
    algorithm: 'MD5-sess',
    parameters: { realm: 'a, b' },
  });
  expect(parseChallenge('Content-Type: application/sdp')).toBeNull();
});
