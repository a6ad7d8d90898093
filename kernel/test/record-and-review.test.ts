/** What a recorder writes right now: served while it grows, and in clips and reviews as soon as it is indexed. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createKernel } from '../src/kernel.ts';
import { parseOpenFileName } from '../src/recording/file-names.ts';
import { createSimulatedCamera } from '../src/simulate/simulated-camera.ts';
import { hashesOf } from './footage-rig.ts';
import { bytesOf } from './footage-site.ts';
import { until } from './until.ts';

const street = join(import.meta.dirname, '../../examples/media/street.mp4');

test('the file that is being written is served, and closed ones are cut exactly', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'heldar-review-'));
  const camera = createSimulatedCamera({ file: street });
  await camera.start();
  const kernel = createKernel({
    cwd: folder,
    config: {},
    env: { PATH: process.env['PATH'], HELDAR_DATA_DIR: folder, HELDAR_API_PORT: '0' },
    environment: 'test',
    logTo: { write() {} },
    blockLimitMs: null,
  });
  try {
    await kernel.start();
    const call = async (method: string, path: string, body?: unknown) => {
      const response = await kernel.inject(path, { method, ...(body === undefined ? {} : { body }) });
      return { status: response.status, body: await response.json() };
    };
    const made = { name: 'Street', main_stream_url: camera.url, segment_seconds: 3 };
    expect((await call('POST', '/api/v1/cameras', made)).status).toBe(201);
    const growing = await until('a file that grows', async () => {
      const names = await readdir(join(folder, 'recordings', 'street')).catch(() => []);
      const name = names.find((one) => parseOpenFileName(one) !== undefined);
      const file = name === undefined ? null : await bytesOf({ kernel }, `/media/recordings/street/${name}`);
      return file?.status === 200 && file.bytes.length > 10_000 ? file : null;
    });
    expect(growing.headers.get('content-type')).toBe('video/mp4');
    expect((await bytesOf({ kernel }, '/media/recordings/street/w0000000000000000_000000.mp4')).status).toBe(
      404,
    );

    interface Segment {
      start_time: string;
      end_time: string;
    }
    const segments = await until(
      'three segments',
      async () => {
        const { body } = await call('GET', '/api/v1/cameras/street/segments');
        return (body as Segment[]).length >= 3 && (body as Segment[]);
      },
      40_000,
    );
    const from = Date.parse(segments[0]?.start_time ?? '') + 500;
    const to = Date.parse(segments[2]?.end_time ?? '') - 500;
    const window = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    const clip = await call('POST', '/api/v1/cameras/street/clip', window);
    expect(clip).toMatchObject({ status: 200, body: { segment_count: 3, holes: [], skipped: [] } });
    const file = join(folder, 'clip.mp4');
    await writeFile(file, (await bytesOf({ kernel }, (clip.body as { url: string }).url)).bytes);
    const shown = await hashesOf(file);
    // Ten pictures a second.
    expect(Math.abs(shown.length - (to - from) / 100)).toBeLessThanOrEqual(3);
    expect(new Set(shown).size).toBe(shown.length);
    const still = await bytesOf({ kernel }, `/api/v1/cameras/street/snapshot?at=${segments[0]?.end_time}`);
    expect([still.status, still.bytes.readUInt16BE(0)]).toEqual([200, 0xffd8]);
  } finally {
    await kernel.stop();
    await camera.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
