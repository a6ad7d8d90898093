/** Is a camera asked right, and is each way it may fail an answer? */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { street } from '../../test/media-site.ts';
import { createSimulatedCamera } from '../simulate/simulated-camera.ts';
import type { AuthScheme } from '../simulate/authentication.ts';
import { describeStream } from './rtsp-describe.ts';

async function camera(schemes: readonly AuthScheme[] = []) {
  const login = { user: 'admin', password: 'p@ss: word', schemes };
  const simulated = createSimulatedCamera({ file: street, ...(schemes.length === 0 ? {} : { login }) });
  await simulated.start();
  return { url: simulated.url, [Symbol.asyncDispose]: () => simulated.stop() };
}

/** Sends these pieces, one a turn, to whoever asks. */
async function server(pieces: readonly string[], afterwards: 'hangs' | 'ends') {
  const listening = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    const send = ([piece, ...rest]: readonly string[]) => {
      if (piece === undefined) return afterwards === 'ends' && socket.end();
      socket.write(piece, 'latin1');
      return setImmediate(send, rest);
    };
    socket.once('data', () => send(pieces));
  });
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  return {
    url: `rtsp://127.0.0.1:${port}/live`,
    async [Symbol.asyncDispose]() {
      const closed = once(listening, 'close');
      listening.close();
      await closed;
    },
  };
}

const ask = (url: string, timeoutMs = 5000) => describeStream(url, { timeoutMs });
const right = 'admin:p%40ss%3A%20word@';

test.each([[[]], [['basic']], [['digest-md5']], [['digest-sha256', 'digest-md5']]] as const)(
  'a camera that asks for %j describes its stream',
  async (schemes) => {
    await using simulated = await camera(schemes);
    const description = await ask(simulated.url.replace('rtsp://', `rtsp://${right}`));
    expect(description).toEqual({ ok: true, sdp: expect.stringContaining('m=video 0 RTP/AVP 96') });
  },
);

test.each([
  ['a wrong password', 'digest-md5', 'admin:wrong@'],
  ['no password', 'basic', ''],
  ['a way that ffmpeg does not know', 'digest-sha256', right],
] as const)('%s is refused, and said without the credentials', async (_, scheme, credentials) => {
  await using simulated = await camera([scheme]);
  const description = await ask(simulated.url.replace('rtsp://', `rtsp://${credentials}`));
  expect(description).toMatchObject({ ok: false, status: 401, error: 'the camera answers 401 Unauthorized' });
  expect(JSON.stringify(description)).not.toMatch(/wrong|p@ss/);
});

test('another path has no stream', async () => {
  await using simulated = await camera();
  const url = new URL(simulated.url);
  url.pathname = '/other';
  expect(await ask(url.href)).toMatchObject({ ok: false, status: 404 });
});

test('an answer is read however it is cut', async () => {
  const answer = 'RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-length: 7\r\n\r\nm=v\r\n\r\n';
  await using fake = await server(answer.split(''), 'hangs');
  expect(await ask(fake.url)).toEqual({ ok: true, sdp: 'm=v\r\n\r\n' });
});

test.each([
  ['speaks HTTP', ['HTTP/1.1 400 Bad Request\r\n\r\n'], 'ends', /not RTSP/],
  ['hangs up', [], 'ends', /closed the connection/],
  ['hangs up midway', ['RTSP/1.0 200 OK\r\nContent-Length: 100\r\n\r\nv=0'], 'ends', /closed the connection/],
  ['never answers', [], 'hangs', /no answer within 0.3 s/],
  ['never ends', ['RTSP/1.0 200 OK\r\n', 'X: y\r\n'.repeat(12_000)], 'hangs', /too long/],
] as const)('a server that %s is no camera', async (_, pieces, afterwards, error) => {
  await using fake = await server(pieces, afterwards);
  expect(await ask(fake.url, 300)).toMatchObject({
    ok: false,
    status: null,
    error: expect.stringMatching(error),
  });
});

test('nobody listens, it is another scheme, or it was given up', async () => {
  expect(await ask('rtsp://127.0.0.1:1/live')).toMatchObject({
    ok: false,
    error: expect.stringMatching(/ECONNREFUSED/),
  });
  expect(await ask('rtsps://127.0.0.1:1/live')).toMatchObject({ ok: false, status: null });
  const given = describeStream('rtsp://127.0.0.1:1/live', { timeoutMs: 1000, signal: AbortSignal.abort() });
  expect(await given).toMatchObject({ ok: false, error: 'given up' });
});
