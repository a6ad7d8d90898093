import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createSimulatedCamera,
  type SimulatedCamera,
  type SimulatedCameraOptions,
} from '../src/simulate/simulated-camera.ts';

const street = fileURLToPath(new URL('../../examples/media/street.mp4', import.meta.url));
const heldar = fileURLToPath(new URL('../bin/heldar.mjs', import.meta.url));
const fps = 10;
const clipSeconds = 2;
const ticksPerFrame = 90_000 / fps;

let folder = '';
/** Both with pictures that are shown in another order than they are sent. */
const clips = { h264: '', h265: '' };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heldar-camera-'));
  clips.h264 = join(folder, 'h264.mp4');
  clips.h265 = join(folder, 'h265.mp4');
  const input = ['-nostdin', '-v', 'error', '-i', street, '-t', String(clipSeconds)];
  const h264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '2', '-g', '10'];
  const h265 = ['-c:v', 'libx265', '-preset', 'ultrafast', '-bf', '2', '-tag:v', 'hvc1'];
  const quiet = ['-x265-params', 'log-level=error'];
  await Promise.all([
    execa('ffmpeg', [...input, ...h264, clips.h264]),
    execa('ffmpeg', [...input, ...h265, ...quiet, clips.h265]),
  ]);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function startedCamera(file: string): Promise<Pick<SimulatedCamera, 'url'> & AsyncDisposable> {
  const camera = createSimulatedCamera({ file });
  await camera.start();
  return { url: camera.url, [Symbol.asyncDispose]: () => camera.stop() };
}

interface Seen {
  readonly codec: string;
  readonly size: string;
  /** In ticks, of the decoded frames in the order they are shown. */
  readonly stamps: readonly number[];
  /** What ffprobe complained about. */
  readonly complaints: string;
}

/** Decodes as many frames as asked. */
async function look(url: string, transport: 'tcp' | 'udp', frames: number): Promise<Seen> {
  const input = ['-v', 'warning', '-rtsp_transport', transport, '-read_intervals', `%+#${frames}`, url];
  const entries = 'stream=codec_name,width,height:frame=best_effort_timestamp';
  const { stdout, stderr } = await execa('ffprobe', ['-show_entries', entries, '-of', 'json', ...input], {
    timeout: 20_000,
  });
  const { streams, frames: shown } = JSON.parse(stdout) as {
    streams: { codec_name: string; width: number; height: number }[];
    frames: { best_effort_timestamp?: number }[];
  };
  const [stream] = streams;
  // ffprobe has no stamp for the very first frame of an RTSP stream.
  const stamps = shown.flatMap((frame) => frame.best_effort_timestamp ?? []);
  return {
    codec: stream?.codec_name ?? '',
    size: `${stream?.width}x${stream?.height}`,
    stamps,
    complaints: stderr,
  };
}

function stepsOf(stamps: readonly number[]): number[] {
  return stamps.slice(1).map((stamp, index) => stamp - (stamps[index] ?? 0));
}

describe.concurrent('players see the file as an endless stream', () => {
  test.for([
    ['h264', 'tcp'],
    ['h264', 'udp'],
    ['h265', 'tcp'],
    ['h265', 'udp'],
  ] as const)(
    '%s over %s: ffprobe decodes several loops without an error or a jump',
    async ([clip, transport]) => {
      await using camera = await startedCamera(clips[clip]);
      const frames = 2.5 * clipSeconds * fps;
      const seen = await look(camera.url, transport, frames);
      expect(seen).toMatchObject({
        codec: clip === 'h264' ? 'h264' : 'hevc',
        size: '640x480',
        complaints: '',
      });
      expect(seen.stamps.length).toBeGreaterThanOrEqual(frames - 5);
      expect(new Set(stepsOf(seen.stamps))).toEqual(new Set([ticksPerFrame]));
    },
  );

  test.for(['tcp', 'udp'] as const)('GStreamer decodes the stream over %s', async (protocol) => {
    await using camera = await startedCamera(clips.h264);
    const source = ['rtspsrc', `location=${camera.url}`, `protocols=${protocol}`, 'latency=200'];
    const decode = ['rtph264depay', '!', 'h264parse', '!', 'avdec_h264', '!', 'fakesink', 'num-buffers=30'];
    const { stderr } = await execa('gst-launch-1.0', ['-q', ...source, '!', ...decode], { timeout: 20_000 });
    expect(stderr).toBe('');
  });

  test('two players at once decode the same camera, at the pace of the file', async () => {
    await using camera = await startedCamera(clips.h264);
    const startedAt = performance.now();
    const seen = await Promise.all([look(camera.url, 'tcp', 30), look(camera.url, 'udp', 30)]);
    expect(performance.now() - startedAt).toBeGreaterThan((29 / fps) * 1000);
    expect(seen.map(({ complaints }) => complaints)).toEqual(['', '']);
    for (const { stamps } of seen) expect(new Set(stepsOf(stamps))).toEqual(new Set([ticksPerFrame]));
  });

  test('a recording in fragments is served as well', async () => {
    const fragmented = join(folder, 'fragmented.mp4');
    const flags = ['-movflags', '+frag_keyframe+empty_moov+default_base_moof', '-frag_duration', '400000'];
    await execa('ffmpeg', ['-nostdin', '-v', 'error', '-i', clips.h264, '-c', 'copy', ...flags, fragmented]);
    await using camera = await startedCamera(fragmented);
    const seen = await look(camera.url, 'tcp', 1.5 * clipSeconds * fps);
    expect(seen.complaints).toBe('');
    expect(new Set(stepsOf(seen.stamps))).toEqual(new Set([ticksPerFrame]));
  });
});

/** Sockets and servers this process has open, by kind. */
function openSockets(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => /^(TCP|UDP)/.test(kind));
}

test('a camera that stops ends its players and leaves nothing open', async () => {
  const ending = new AbortController();
  const camera = createSimulatedCamera({ file: clips.h264, signal: ending.signal });
  await camera.start();
  const players = (['tcp', 'udp'] as const).map((transport) => {
    const input = ['-rtsp_transport', transport, '-i', camera.url];
    return execa('ffmpeg', ['-nostdin', '-v', 'error', ...input, '-f', 'null', '-progress', 'pipe:1', '-'], {
      timeout: 20_000,
      reject: false,
    });
  });
  // The first report of progress: frames are coming in.
  await Promise.all(players.map((player) => once(player.stdout, 'data')));
  expect(openSockets()).toEqual(expect.arrayContaining(['TCPServerWrap', 'TCPSocketWrap', 'UDPWrap']));
  const { port, hostname } = new URL(camera.url);
  ending.abort();
  await camera.stop();
  // Node lists a closed handle until its event loop has turned once more.
  await expect.poll(openSockets).toEqual([]);
  const ended = await Promise.all(players);
  expect(ended.map(({ timedOut, exitCode }) => ({ timedOut, exitCode }))).toEqual([
    { timedOut: false, exitCode: 0 },
    { timedOut: false, exitCode: 0 },
  ]);
  await expect(look(`rtsp://${hostname}:${port}/live`, 'tcp', 1)).rejects.toThrow('Connection refused');
});

test('heldar simulate prints where to look, and ends by itself on SIGINT with a client connected', async () => {
  const command = [
    '--conditions=heldar-source',
    heldar,
    'simulate',
    clips.h264,
    '--port',
    '0',
    '--path',
    '/garden',
  ];
  const running = execa(process.execPath, command, { timeout: 20_000 });
  const [printed] = (await once(running.stdout, 'data')) as [Buffer];
  const url = /ffplay (rtsp:\/\/127\.0\.0\.1:\d+\/garden)\n/.exec(printed.toString())?.[1] ?? '';
  const player = execa(
    'ffmpeg',
    ['-nostdin', '-v', 'error', '-i', url, '-f', 'null', '-progress', 'pipe:1', '-'],
    {
      timeout: 20_000,
      reject: false,
    },
  );
  await once(player.stdout, 'data');
  running.kill('SIGINT');
  const { exitCode, stderr } = await running;
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect((await player).timedOut).toBe(false);
});

async function refusal(options: SimulatedCameraOptions): Promise<unknown> {
  try {
    return await createSimulatedCamera(options).start();
  } catch (error) {
    return error;
  }
}

describe('what cannot be a camera is refused with the reason and the remedy', () => {
  test('a missing file, and a file that is no MP4', async () => {
    const missing = join(folder, 'missing.mp4');
    expect(await refusal({ file: missing })).toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/Cannot open the video file .*missing\.mp4: ENOENT.* Check the path\.$/),
    });
    expect(await refusal({ file: heldar })).toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/heldar\.mjs is not a usable MP4 file: .*Convert it: ffmpeg -i /),
    });
  });

  test('a codec the camera does not send, and a file without video', async () => {
    const [mpeg4, audio] = [join(folder, 'mpeg4.mp4'), join(folder, 'audio.mp4')];
    await execa('ffmpeg', ['-nostdin', '-v', 'error', '-i', clips.h264, '-c:v', 'mpeg4', mpeg4]);
    await execa('ffmpeg', ['-nostdin', '-v', 'error', '-f', 'lavfi', '-i', 'sine', '-t', '1', audio]);
    expect(await refusal({ file: mpeg4 })).toMatchObject({
      code: 'usage',
      message: expect.stringMatching(
        /the video track is 'mp4v', and the camera sends H\.264 and H\.265 only/,
      ),
    });
    expect(await refusal({ file: audio })).toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/has no video track/),
    });
  });

  test('a port that is taken, and a path that is no path', async () => {
    await using camera = await startedCamera(clips.h264);
    const port = Number(new URL(camera.url).port);
    expect(await refusal({ file: clips.h264, port })).toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(
        /Cannot listen on 127\.0\.0\.1, port \d+: .*EADDRINUSE.* Choose another port/,
      ),
    });
    expect(await refusal({ file: clips.h264, path: 'live' })).toMatchObject({ code: 'usage' });
    expect(await refusal({ file: clips.h264, port: 70_000 })).toMatchObject({ code: 'usage' });
  });
});
