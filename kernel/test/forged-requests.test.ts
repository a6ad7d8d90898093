/** Whatever is made up, cut off, swapped or spelled otherwise: nothing comes back that is not the caller's. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cameraOf, fill, plant, tellsOfForeign } from './census/planted.ts';
import { startRig, type KernelRig } from './kernel-rig.ts';
import { bearer, signInEnv, tokenOf } from './signed-in.ts';

const env = { ...signInEnv, HELDAR_RECORDER_ENABLED: 'false' };

let rig: KernelRig;
let session: string;
/** An administrator's, limited to one camera. */
let key: string;
/** Of the site, and in no answer ever. */
let secrets: string[];

beforeAll(async () => {
  rig = await startRig({
    cameras: [],
    env,
    config: { plugins: [import.meta.resolve('@heldar/plugin-zones')] },
  });
  const first = bearer(await tokenOf(rig));
  for (const id of [cameraOf.own, cameraOf.foreign]) {
    const body = { id, name: id, record_mode: 'event', main_stream_url: `rtsp://127.0.0.1:1/${id}` };
    await rig.call('POST', '/api/v1/cameras', body, first);
  }
  await rig.stop();
  plant(rig.folder, rig.clock.now());
  await rig.start();
  session = await tokenOf(rig);
  const limits = { name: 'limited', role: 'admin', camera_ids: [cameraOf.own] };
  const made = await rig.call('POST', '/api/v1/api-keys', limits, bearer(session));
  key = (made.body as { key: string }).key;
  secrets = [readFileSync(join(rig.folder, 'secret.key'), 'utf8').trim(), 'SQLite format 3', 'root:x:0:0'];
});
afterAll(() => rig[Symbol.asyncDispose]());

/** As it stands, byte by byte: no client mends the path on its way. */
async function ask(path: string, token: string): Promise<{ status: number; body: string }> {
  const socket = connect(Number(new URL(rig.origin).port), '127.0.0.1');
  socket.write(
    Buffer.from(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\n\r\n`,
      'latin1',
    ),
  );
  const answer = (await buffer(socket)).toString('latin1');
  const [head = '', ...rest] = answer.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), body: rest.join('\r\n\r\n') };
}

/** Files and rows of both cameras, as their URLs are. */
const known = () =>
  rig.kernel
    .routes()
    .filter(({ method, path }) => method === 'GET' && path.includes(':') && !path.startsWith('/docs'))
    .flatMap(({ path }) => [fill(path, 'own'), fill(path, 'foreign')]);

const odd = [
  '..',
  '.',
  '%2e%2e',
  '%2E.',
  '..%2f',
  '%2f',
  '%5c',
  '..%5c',
  '%00',
  '\0',
  '%252e%252e',
  '%c0%ae%c0%ae',
  '%ff',
  ';',
  '',
  'recordings',
  'heldar.db',
  'secret.key',
  'etc/passwd',
  cameraOf.foreign,
  cameraOf.foreign.toUpperCase(),
  `${cameraOf.foreign}%20`,
  `${cameraOf.foreign}%00.jpg`,
  `${cameraOf.own}%2f..%2f${cameraOf.foreign}`,
  '\u{ff59}ard',
  'yar\u0301d',
];

/** Each letter as it is or percent-encoded, once or twice. */
const respelled = (text: string) =>
  fc.array(fc.constantFrom(0, 0, 0, 1, 2), { minLength: text.length, maxLength: text.length }).map((ways) =>
    text
      .split('')
      .map((letter, index) => {
        const once = `%${letter.charCodeAt(0).toString(16).padStart(2, '0')}`;
        if (letter === '/' || ways[index] === 0) return letter;
        return ways[index] === 1 ? once : once.replace('%', '%25');
      })
      .join(''),
  );

const mangled = (urls: readonly string[]) =>
  fc
    .tuple(
      fc.constantFrom(...urls),
      fc.array(fc.tuple(fc.nat(12), fc.constantFrom('put', 'insert', 'drop'), fc.constantFrom(...odd)), {
        maxLength: 4,
      }),
    )
    .map(([url, changes]) => {
      const segments = url.split('/');
      for (const [at, how, segment] of changes)
        segments.splice(
          1 + (at % segments.length),
          how === 'insert' ? 0 : 1,
          ...(how === 'drop' ? [] : [segment]),
        );
      return segments.join('/');
    })
    .chain((url) => fc.oneof(fc.constant(url), respelled(url)));

function leaks({ status, body }: { status: number; body: string }, path: string): string | null {
  // A camera that can't be reached is no fault of the kernel.
  if (Number.isNaN(status) || (status >= 500 && ![502, 503, 504].includes(status)))
    return `answered ${status}`;
  if (body.includes(`${cameraOf.foreign}!`)) return 'a file of another camera';
  if (secrets.some((secret) => body.includes(secret))) return 'a secret of the site';
  // A refusal may quote what was asked for.
  if (status < 400 && tellsOfForeign(body) && !path.includes('openapi'))
    return `a row of another camera: ${body.slice(0, 200)}`;
  return null;
}

test('of paths that are mangled', { timeout: 120_000 }, async () => {
  const urls = known();
  await fc.assert(
    fc.asyncProperty(mangled(urls), async (path) => {
      const answer = await ask(encodeURI(path).replaceAll('%25', '%').replaceAll('%00', '\0'), key);
      const raw = await ask(
        Buffer.from(path, 'utf8')
          .toString('latin1')
          .replaceAll(/[\r\n ]/g, ''),
        key,
      );
      expect([leaks(answer, path), leaks(raw, path)], path).toEqual([null, null]);
    }),
    { numRuns: 600 },
  );
  // The rig would show it: its own files come back.
  expect((await ask(fill('/media/recordings/:camera_id/:file', 'own'), key)).body).toContain(
    `${cameraOf.own}!`,
  );
});

test('to tokens that are made up, cut off or swapped', { timeout: 120_000 }, async () => {
  const tokens = [session, key];
  const hex = fc.string({
    unit: fc.constantFrom(...'0123456789abcdef'.split('')),
    minLength: 1,
    maxLength: 70,
  });
  const forged = fc.oneof(
    fc.tuple(fc.constantFrom(...tokens), fc.nat(68)).map(([token, length]) => token.slice(0, length)),
    fc
      .tuple(fc.constantFrom(...tokens), fc.nat(67), fc.constantFrom(...'0123456789abcdefXG_-'.split('')))
      .map(([token, at, letter]) => `${token.slice(0, at)}${letter}${token.slice(at + 1)}`),
    fc.tuple(fc.constantFrom('vos_', 'vok_', 'vou_', ''), hex).map((parts) => parts.join('')),
    fc
      .constantFrom(...tokens)
      .map((token) => token.replace(/^vo(.)/, (_, kind) => (kind === 's' ? 'vok' : 'vos'))),
    fc.constantFrom(...tokens).map((token) => token.toUpperCase()),
    fc.tuple(fc.constantFrom(...tokens), hex).map((parts) => parts.join('')),
    fc.string({ unit: 'grapheme-ascii', maxLength: 40 }).map((text) => text.replaceAll(/[\r\n]/g, '')),
    fc.constantFrom(`' OR 1=1 --`, '%', '_'.repeat(68), `${session},${key}`, `${session} ${key}`),
  );
  const paths = ['/api/v1/cameras', '/api/v1/users', fill('/media/clips/:file', 'foreign')];
  await fc.assert(
    fc.asyncProperty(forged, fc.constantFrom(...paths), async (token, path) => {
      fc.pre(!tokens.includes(token.trim()));
      const answer = await ask(path, token);
      expect([token, answer.status === 401 || answer.status === 400]).toEqual([token, true]);
      expect(tellsOfForeign(answer.body)).toBe(false);
    }),
    { numRuns: 600 },
  );
});
