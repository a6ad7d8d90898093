/** From a window of time to a clip: exact, honest about what is missing, and gone when it is to go. */
import { rm, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fps, gopSeconds, hashesOf, midnight, recordFootage, type Footage } from './footage-rig.ts';
import { bytesOf, startFootageSite } from './footage-site.ts';
import type { KernelRig } from './kernel-rig.ts';

const hourMs = 3_600_000;
let rig: KernelRig;
let street: Footage;
let door: Footage;
let later: Footage;
let plain: Footage;

beforeAll(async () => {
  const env = { HELDAR_CLIP_RETENTION_HOURS: '1' };
  rig = await startFootageSite(
    ['Street', 'Door', 'Yard', 'Empty', 'Plain'],
    async (media) => {
      street = await recordFootage(media, 'street');
      // Two runs with a hole of ten seconds.
      door = await recordFootage(media, 'door', { seconds: 8, bFrames: 2 });
      later = await recordFootage(media, 'door', { seconds: 8, bFrames: 2, start: door.end + 10_000 });
      plain = await recordFootage(media, 'plain', { seconds: 8, bFrames: 2, isPlain: true });
      // Another picture size from the second run on.
      const small = await recordFootage(media, 'yard', { seconds: 4, codec: 'hevc', sound: false });
      await recordFootage(media, 'yard', { seconds: 4, sound: false, size: '640x480', start: small.end });
    },
    env,
  );
});
afterAll(() => rig[Symbol.asyncDispose]());

const at = (ms: number) => new Date(midnight + ms).toISOString();

interface Clip {
  id: string;
  url: string;
  size_bytes: number;
  coverage: { recorded_seconds: number; ranges: { start: string; end: string }[] };
  holes: { start: string; end: string; seconds: number }[];
  skipped: { segment_id: string; reason: string }[];
}

async function clip(camera: string, from: number, to: number, more: object = {}): Promise<Clip> {
  const body = { from: at(from), to: at(to), ...more };
  const answer = await rig.call('POST', `/api/v1/cameras/${camera}/clip`, body);
  expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 200 });
  return answer.body as Clip;
}

async function savedAs(name: string, path: string): Promise<string> {
  const file = join(rig.folder, name);
  await writeFile(file, (await bytesOf(rig, path)).bytes);
  return file;
}

/** What a decoder has to say about a file. */
async function complaintsAbout(file: string): Promise<string> {
  const args = ['-nostdin', '-v', 'warning', '-i', file, '-f', 'null', '-'];
  return (await execa('ffmpeg', args)).stderr;
}

async function durationOf(file: string): Promise<number> {
  const entries = ['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', file];
  return Number((await execa('ffprobe', entries)).stdout);
}

test('a clip shows exactly the pictures of its window, over the borders of segments', async () => {
  const made = await clip('street', 3000, 9500);
  expect(made).toMatchObject({
    camera_id: 'street',
    filename: `${made.id}.mp4`,
    url: `/media/clips/${made.id}.mp4`,
    from: at(3000).replace('.000', ''),
    requested_seconds: 6.5,
    segment_count: 3,
    start_mode: 'exact',
    holes: [],
    skipped: [],
    created_by: 'system',
  });
  expect(made.id).toMatch(/^clip_[0-9a-f]{32}$/);
  const file = await savedAs('exact.mp4', made.url);
  const shown = await hashesOf(file);
  expect(street.hashes.indexOf(shown[0] ?? '')).toBe(3 * fps);
  expect(shown).toEqual(street.hashes.slice(3 * fps, 3 * fps + shown.length));
  expect(Math.abs(shown.length - 6.5 * fps)).toBeLessThanOrEqual(1);
  expect(Math.abs((await durationOf(file)) - 6.5)).toBeLessThan(0.05);
  expect(await complaintsAbout(file)).toBe('');
});

test('a streamed clip begins with the key frame before the window', async () => {
  const made = await clip('street', 3000, 9500, { mode: 'streamed' });
  expect(made).toMatchObject({ start_mode: 'streamed' });
  const shown = await hashesOf(await savedAs('streamed.mp4', made.url));
  expect(shown).toEqual(street.hashes.slice(gopSeconds * fps, gopSeconds * fps + shown.length));
});

test('a hole is told, and closed in the clip', async () => {
  const [from, to] = [6000, door.end - midnight + 10_000 + 3000];
  const made = await clip('door', from, to);
  const held = door.end - midnight;
  expect(made.holes).toEqual([{ start: at(held), end: at(held + 10_000), seconds: 10 }].map(withShortTimes));
  expect(made.coverage.recorded_seconds).toBeCloseTo((held - from) / 1000 + 3);
  const file = await savedAs('holes.mp4', made.url);
  const shown = await hashesOf(file);
  const before = door.hashes.slice(6 * fps);
  expect(shown.slice(0, before.length)).toEqual(before);
  expect(shown.slice(before.length, before.length + 3 * fps)).toEqual(later.hashes.slice(0, 3 * fps));
  expect(Math.abs((await durationOf(file)) - made.coverage.recorded_seconds)).toBeLessThan(0.1);
  expect(await complaintsAbout(file)).toBe('');
});

function withShortTimes<T extends { start: string; end: string }>(range: T): T {
  return { ...range, start: range.start.replace('.000', ''), end: range.end.replace('.000', '') };
}

test('files without fragments are cut as well', async () => {
  for (const [mode, first] of [
    ['exact', 3 * fps],
    ['streamed', gopSeconds * fps],
  ] as const) {
    const made = await clip('plain', 3000, 7000, { mode });
    const file = await savedAs(`plain-${mode}.mp4`, made.url);
    const shown = await hashesOf(file);
    expect(shown).toEqual(plain.hashes.slice(first, first + shown.length));
    expect(shown.length).toBeGreaterThanOrEqual(4 * fps);
    expect(await complaintsAbout(file)).toBe('');
  }
});

test('a change of coding within the window is refused, naming when it was', async () => {
  const body = { from: at(1000), to: at(7000) };
  const answer = await rig.call('POST', '/api/v1/cameras/yard/clip', body);
  expect(answer.status).toBe(409);
  expect(answer.body).toEqual({
    error: expect.stringMatching(/hvc1 320x240.*avc1 640x480.*2026-01-02T00:00:04/),
  });
  expect(await clip('yard', 1000, 3500)).toMatchObject({ segment_count: 1 });
});

test('a segment that is not readable is left out with a note, and alone it is no clip', async () => {
  const broken = street.segments[1];
  const path = join(rig.folder, 'recordings', broken?.path ?? '');
  const whole = (await bytesOf(rig, `/media/recordings/${broken?.path}`)).bytes;
  await truncate(path, 500);
  const made = await clip('street', 3000, 9500);
  expect(made.skipped).toMatchObject([
    { segment_id: broken?.id, reason: expect.stringContaining('not readable') },
  ]);
  expect(made.holes).toHaveLength(1);
  await rm(path);
  expect((await clip('street', 3000, 9500)).skipped).toMatchObject([{ reason: 'its file is not there' }]);
  const alone = { from: at(5000), to: at(6000) };
  const answer = await rig.call('POST', '/api/v1/cameras/street/clip', alone);
  expect(answer).toMatchObject({ status: 404, body: { error: expect.stringContaining('is readable') } });
  await writeFile(path, whole);
  expect(rig.sql('SELECT 1 FROM clips WHERE state <> ?', 'ready')).toEqual([]);
});

test('what can not be exported is refused in the order of the checks', async () => {
  const post = (camera: string, body: unknown) => rig.call('POST', `/api/v1/cameras/${camera}/clip`, body);
  expect(await post('nobody', { from: 'x', to: 'y' })).toMatchObject({ status: 404 });
  expect(await post('street', { from: at(0) })).toMatchObject({ status: 422 });
  expect(await post('street', { from: 1, to: 2 })).toMatchObject({ status: 422 });
  expect(await post('street', { from: 'x', to: at(1) })).toMatchObject({ status: 400 });
  expect(await post('street', { from: at(1), to: at(1) })).toMatchObject({ status: 400 });
  expect(await post('street', { from: at(0), to: at(hourMs + 1) })).toMatchObject({ status: 400 });
  expect(await post('street', { from: at(0), to: at(hourMs) })).toMatchObject({ status: 200 });
  expect(await post('empty', { from: at(0), to: at(1000) })).toMatchObject({ status: 404 });
  expect(await post('street', { from: at(-hourMs), to: at(-1) })).toMatchObject({ status: 404 });
});

test('a clip is served in ranges, as one content type, until it is deleted', async () => {
  const made = await clip('door', 0, 2000);
  const whole = await bytesOf(rig, made.url);
  expect(whole).toMatchObject({ status: 200 });
  expect(whole.bytes).toHaveLength(made.size_bytes);
  const part = await bytesOf(rig, made.url, { range: 'bytes=4-7' });
  expect(part).toMatchObject({ status: 206 });
  expect(part.bytes.toString()).toBe('ftyp');
  expect(part.headers.get('content-type')).toBe(whole.headers.get('content-type'));
  const head = await fetch(`${rig.origin}${made.url}`, { method: 'HEAD' });
  expect([head.status, Number(head.headers.get('content-length'))]).toEqual([200, made.size_bytes]);
  expect((await fetch(`${rig.origin}${made.url}`, { method: 'POST' })).status).toBe(405);
  const since = whole.headers.get('last-modified') ?? '';
  expect((await bytesOf(rig, made.url, { 'if-modified-since': since })).status).toBe(304);
  expect((await bytesOf(rig, made.url, { range: 'bytes=0-1,3-4' })).status).toBe(416);
  for (const other of [
    '/media/clips',
    '/media/clips/',
    '/media/clips/.building',
    '/media/clips/..%2fheldar.db',
  ])
    expect((await bytesOf(rig, other)).status).toBe(404);

  const lists = ['/api/v1/clips', '/api/v1/cameras/door/clips'];
  for (const list of lists)
    expect((await rig.call('GET', list)).body).toContainEqual(expect.objectContaining({ id: made.id }));
  expect((await rig.call('GET', '/api/v1/cameras/street/clips')).body).not.toContainEqual(
    expect.objectContaining({ id: made.id }),
  );
  expect((await rig.call('DELETE', `/api/v1/clips/${made.id}`)).status).toBe(204);
  expect((await rig.call('DELETE', `/api/v1/clips/${made.id}`)).status).toBe(404);
  expect((await bytesOf(rig, made.url)).status).toBe(404);
  expect(await readdir(join(rig.folder, 'clips'))).not.toContain(`${made.id}.mp4`);
  expect(rig.sql('SELECT 1 FROM garbage')).toEqual([]);
});

test('a window is downloaded without a file of it', async () => {
  const before = await readdir(join(rig.folder, 'clips'));
  const window = `from=${at(3000)}&to=${at(9500)}`;
  const streamed = await bytesOf(rig, `/api/v1/cameras/street/clip.mp4?${window}`);
  expect(streamed.status).toBe(200);
  expect(streamed.headers.get('content-type')).toBe('video/mp4');
  expect(streamed.headers.get('x-clip-start-mode')).toBe('streamed');
  expect(Number(streamed.headers.get('x-clip-starts-early-s'))).toBeCloseTo(1, 1);
  const exact = await bytesOf(rig, `/api/v1/cameras/street/clip.mp4?${window}&mode=exact`);
  expect(Number(exact.headers.get('content-length'))).toBe(exact.bytes.length);
  for (const [name, { bytes }, first] of [
    ['streamed-download.mp4', streamed, gopSeconds * fps],
    ['exact-download.mp4', exact, 3 * fps],
  ] as const) {
    const file = join(rig.folder, name);
    await writeFile(file, bytes);
    const shown = await hashesOf(file);
    expect(shown).toEqual(street.hashes.slice(first, first + shown.length));
  }
  expect(await readdir(join(rig.folder, 'clips'))).toEqual(before);
  await expect.poll(() => rig.sql('SELECT purpose FROM leases')).toEqual([]);
});

test('a client that hangs up lets go of the footage and of its place', async () => {
  const hangingUp = new AbortController();
  const path = `/api/v1/cameras/street/clip.mp4?from=${at(0)}&to=${at(12_000)}`;
  const response = await fetch(`${rig.origin}${path}`, { signal: hangingUp.signal });
  await response.body?.getReader().read();
  hangingUp.abort();
  await expect.poll(() => rig.sql('SELECT purpose FROM leases')).toEqual([]);
});

test('a client that hangs up keeps a clip from nothing, and leaves nothing behind', async () => {
  const hangingUp = new AbortController();
  const body = JSON.stringify({ from: at(0), to: at(12_000) });
  const headers = { 'content-type': 'application/json' };
  const before = (await clipIds('street')).length;
  const asked = fetch(`${rig.origin}/api/v1/cameras/street/clip`, {
    method: 'POST',
    headers,
    body,
    signal: hangingUp.signal,
  }).catch(() => null);
  await expect
    .poll(() => rig.sql(`SELECT id FROM clips WHERE state = 'building'`).length > 0 || isMade())
    .toBe(true);
  hangingUp.abort();
  await asked;
  await expect.poll(isMade).toBe(true);
  await expect.poll(() => rig.sql('SELECT purpose FROM leases')).toEqual([]);
  async function isMade(): Promise<boolean> {
    return (await clipIds('street')).length > before;
  }
});

async function clipIds(camera: string): Promise<string[]> {
  return ((await rig.call('GET', `/api/v1/cameras/${camera}/clips`)).body as Clip[]).map(({ id }) => id);
}

test('more exports at once than may wait are told when to come back', async () => {
  const body = { from: at(0), to: at(2000) };
  const answers = await Promise.all(
    Array.from({ length: 60 }, () => rig.call('POST', '/api/v1/cameras/street/clip', body)),
  );
  const refused = answers.filter(({ status }) => status === 503);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused[0]?.headers.get('retry-after')).toBe('5');
  expect(answers.filter(({ status }) => status === 200).length).toBe(60 - refused.length);
  expect(rig.sql('SELECT 1 FROM leases')).toEqual([]);
});

test('clips expire, and what a crash left is put right at the next start', async () => {
  const made = await clip('street', 0, 1000);
  await rig.stop();
  await writeFile(join(rig.folder, 'clips', '.building', 'clip_half.mp4'), 'half');
  await rig.start();
  expect(await readdir(join(rig.folder, 'clips', '.building'))).toEqual([]);
  expect((await bytesOf(rig, made.url)).status).toBe(200);
  await rig.clock.advance(hourMs);
  const left = async () => {
    await rig.clock.advance(60_000);
    return rig.sql('SELECT id FROM clips');
  };
  await expect.poll(left).toEqual([]);
  await expect.poll(() => readdir(join(rig.folder, 'clips'))).toEqual(['.building']);
});
