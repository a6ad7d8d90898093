import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostAnswers, retryOf } from './reach.ts';

let server: Server;
let url = '';
beforeAll(async () => {
  server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `rtsp://user:secret@127.0.0.1:${(server.address() as AddressInfo).port}/live`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

describe('hostAnswers', () => {
  it('tells whether something listens at the host and port of the URL', async () => {
    expect(await hostAnswers(url, 1000)).toBe(true);
    expect(await hostAnswers('rtsp://127.0.0.1:1/live', 1000)).toBe(false);
    expect(await hostAnswers('rtsp://[::1]:1/live', 1000)).toBe(false);
    expect(await hostAnswers('no url', 1000)).toBe(false);
  });
});

describe('retryOf', () => {
  it('is patient with a camera that refuses or is not there, and quick with any other', async () => {
    const gone = 'rtsp://127.0.0.1:1/';
    expect(await retryOf(url, false, 'method DESCRIBE failed: 404 Not Found')).toEqual({ next: 'answers' });
    expect(await retryOf(url, false, 'method DESCRIBE failed: 401 Unauthorized')).toEqual({ next: 'silent' });
    expect(await retryOf(gone, false, 'Connection refused')).toMatchObject({ next: 'silent' });
    expect(await retryOf(gone, true, 'Connection reset')).toEqual({ next: 'answers' });
  });

  it('has one that is gone looked for', async () => {
    const { isBack } = await retryOf('rtsp://127.0.0.1:1/', false, 'Connection refused');
    expect(await isBack?.()).toBe(false);
  });
});
