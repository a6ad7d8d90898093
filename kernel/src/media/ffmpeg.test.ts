import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { maskText } from '../cameras/mask.ts';
import { systemClock } from '../clock.ts';
import { markerVariable, startMedia, type MediaRun } from './ffmpeg.ts';
import { probeStream } from './probe.ts';
import { describeSource } from './source.ts';
import { findMediaTools, type MediaTools } from './tools.ts';

let tools: MediaTools;
beforeAll(async () => {
  tools = await findMediaTools();
});

const endless = ['-nostdin', '-v', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc=r=5', '-f', 'null', '-'];

function start(run: Partial<MediaRun> & Pick<MediaRun, 'args'>) {
  const child = startMedia({
    tools,
    program: 'ffmpeg',
    script: '',
    mask: (text) => maskText(text),
    marker: 'a test',
    clock: systemClock,
    ...run,
  });
  child.stdout.resume();
  return child;
}

/** A server on this machine; `connected` resolves with the first client. */
async function listening(serve: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const { promise: connected, resolve: tell } = Promise.withResolvers<void>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => sockets.delete(socket));
    serve(socket);
    tell();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    connected,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('a media process', () => {
  it('answers how it ended, with what it said, masked', async () => {
    const source = describeSource('rtsp://admin:secret@127.0.0.1:1/live', { socketTimeoutMs: 1000 });
    const args = ['-v', 'warning', ...source.args, '-f', 'null', '-'];
    const exit = await start({ args, script: source.script }).exited;
    expect(exit).toMatchObject({ signal: null, stopped: false, startFailure: null });
    expect(exit.code).toBeGreaterThan(0);
    expect(exit.stderr).toContain('rtsp://***@127.0.0.1:1/live');
    expect(exit.stderr).not.toContain('secret');
  });

  it('shows neither credentials nor the environment of the kernel to other users of the machine', async () => {
    process.env['HELDAR_SEARCH_LLM_API_KEY'] = 'do-not-inherit';
    await using silent = await listening(() => {});
    const url = `rtsp://admin:secret@127.0.0.1:${silent.port}/live`;
    const source = describeSource(url, { socketTimeoutMs: 10_000 });
    const child = start({ args: [...source.args, '-f', 'null', '-'], script: source.script });
    await silent.connected;
    const [cmdline, environ] = await Promise.all(
      ['cmdline', 'environ'].map((name) => readFile(`/proc/${child.pid}/${name}`, 'utf8')),
    );
    await child.stop();
    expect(cmdline).toContain('pipe:0');
    expect(cmdline).not.toContain('secret');
    expect(environ).not.toContain('do-not-inherit');
  });

  it('ends cleanly on the first signal when it listens', async () => {
    const child = start({ args: endless });
    const startedAt = performance.now();
    const exit = await child.stop();
    expect(exit.stopped).toBe(true);
    expect(exit.signal).not.toBe('SIGKILL');
    expect(performance.now() - startedAt).toBeLessThan(2900);
  });

  it('is killed when it does not listen', async () => {
    const deaf = { ...tools, ffmpeg: '/bin/sh', setpriv: null };
    const child = start({ tools: deaf, args: ['-c', 'trap "" INT; echo deaf; while :; do sleep 0.1; done'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const startedAt = performance.now();
    const exit = await child.stop();
    expect(exit.signal).toBe('SIGKILL');
    const tookMs = performance.now() - startedAt;
    expect(tookMs).toBeGreaterThan(2900);
    expect(tookMs).toBeLessThan(5000);
  });

  it('answers, too, when it can not be started', async () => {
    const missing = { ...tools, ffmpeg: '/nowhere/ffmpeg', setpriv: null };
    const exit = await start({ tools: missing, args: [] }).exited;
    expect(exit.startFailure).toContain('/nowhere/ffmpeg');
  });

  it('is marked, so that a later kernel finds it', async () => {
    const child = start({ args: endless, marker: 'mark-of-this-test' });
    // setpriv is replaced by ffmpeg in the same process; while it is, the variables can't be read.
    const environ = async () => (await readFile(`/proc/${child.pid}/environ`, 'utf8')).split('\0');
    await expect.poll(environ, { timeout: 10_000 }).toContain(`${markerVariable}=mark-of-this-test`);
    await child.stop();
  });
});

describe('findMediaTools', () => {
  it('names the program that is missing and the variable that sets it', async () => {
    await expect(findMediaTools({ ffprobeBin: 'no-such-ffprobe' })).rejects.toMatchObject({
      code: 'media_failed',
      message: expect.stringContaining('HELDAR_FFPROBE_BIN'),
    });
  });
});

describe('probeStream', () => {
  it('ends after its time with an answer', async () => {
    const probe = await probeStream({
      url: 'rtsp://192.0.2.1/never',
      tools,
      clock: systemClock,
      mask: (text) => text,
      marker: 'a test',
      socketTimeoutMs: 60_000,
      timeoutMs: 300,
    });
    expect(probe).toMatchObject({ ok: false });
  });

  it('shows the credentials of the URL to a camera that asks for them', async () => {
    const shown: string[] = [];
    await using camera = await listening((socket) =>
      socket.on('data', (data) => {
        const request = data.toString();
        const sequence = /CSeq: (\d+)/i.exec(request)?.[1] ?? '0';
        const basic = /Authorization: Basic (\S+)/i.exec(request)?.[1];
        if (basic !== undefined) shown.push(Buffer.from(basic, 'base64').toString());
        const status =
          basic === undefined
            ? '401 Unauthorized\r\nWWW-Authenticate: Basic realm="camera"'
            : '404 Not Found';
        socket.write(`RTSP/1.0 ${status}\r\nCSeq: ${sequence}\r\n\r\n`);
      }),
    );
    const probe = await probeStream({
      url: `rtsp://admin:p%40ss%2Fw%3Ard@127.0.0.1:${camera.port}/live`,
      tools,
      clock: systemClock,
      mask: (text) => maskText(text, [{ username: 'admin', password: 'p@ss/w:rd' }]),
      marker: 'a test',
      socketTimeoutMs: 4000,
      timeoutMs: 10_000,
    });
    expect(shown[0]).toBe('admin:p@ss/w:rd');
    expect(probe).toMatchObject({ ok: false, error: expect.stringContaining('404') });
    expect(JSON.stringify(probe)).not.toContain('ss%2Fw');
  });
});
