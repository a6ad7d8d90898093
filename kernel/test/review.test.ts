/** From a window of time to a review session that players open at once, and jump in. */
import { readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fps, gopSeconds, hashesOf, midnight, recordFootage, type Footage } from './footage-rig.ts';
import { bytesOf, startFootageSite } from './footage-site.ts';
import type { KernelRig } from './kernel-rig.ts';
import { launchBrowser } from './system-browser.ts';

const minuteMs = 60_000;
let rig: KernelRig;
let street: Footage;
let browser: Browser;

beforeAll(async () => {
  const env = { HELDAR_PLAYBACK_SESSION_TTL_MINUTES: '10', HELDAR_MAX_PLAYBACK_SECONDS: '600' };
  const site = startFootageSite(
    ['Street', 'Yard', 'Hall'],
    async (media) => {
      street = await recordFootage(media, 'street', { seconds: 24, segmentSeconds: 8 });
      const large = await recordFootage(media, 'yard', { seconds: 8, bFrames: 2 });
      await recordFootage(media, 'yard', { seconds: 8, size: '640x480', start: large.end + 5000 });
      await recordFootage(media, 'hall', { seconds: 8, codec: 'hevc' });
    },
    env,
  );
  [rig, browser] = await Promise.all([site, launchBrowser()]);
}, 120_000);
afterAll(async () => {
  await browser.close();
  await rig[Symbol.asyncDispose]();
});

const at = (ms: number) => new Date(midnight + ms).toISOString();

interface Session {
  id: string;
  playlist_url: string;
  starts_early_s: number;
  expires_at: string;
  holes: unknown[];
  skipped: unknown[];
}

async function review(camera: string, from: number, to: number): Promise<Session> {
  const body = { from: at(from), to: at(to) };
  const answer = await rig.call('POST', `/api/v1/cameras/${camera}/playback/sessions`, body);
  expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 200 });
  return answer.body as Session;
}

const playlistOf = async ({ playlist_url: url }: Session) => (await bytesOf(rig, url)).bytes.toString();

test('a session is there without copying, its parts short and in time', async () => {
  const session = await review('street', 3000, 21_500);
  expect(session).toMatchObject({
    camera_id: 'street',
    playlist_url: `/media/playback/${session.id}/index.m3u8`,
    duration_s: 18.5,
    segment_count: 3,
    holes: [],
    skipped: [],
    created_by: 'system',
  });
  expect(session.id).toMatch(/^pbs_[0-9a-f]{32}$/);
  expect(session.starts_early_s).toBeCloseTo(1, 1);
  const playlist = await playlistOf(session);
  expect(playlist).toContain('#EXT-X-PLAYLIST-TYPE:VOD');
  expect(playlist).toContain('#EXT-X-ENDLIST');
  expect(playlist).toMatch(/#EXT-X-PROGRAM-DATE-TIME:2026-01-02T00:00:02(\.0\d\d)?Z/);
  expect(playlist).not.toContain('DISCONTINUITY');
  const lengths = [...playlist.matchAll(/#EXTINF:([\d.]+),/g)].map(([, seconds]) => Number(seconds));
  expect(Math.max(...lengths)).toBeLessThanOrEqual(4 + gopSeconds);
  expect(lengths.reduce((sum, seconds) => sum + seconds, 0)).toBeCloseTo(18.5 + session.starts_early_s, 0);
  expect(await readdir(rig.folder)).not.toContain('playback');
});

test('ffprobe and ffmpeg read it through, every picture once', async () => {
  const session = await review('street', 3000, 21_500);
  const url = `${rig.origin}${session.playlist_url}`;
  const shown = await hashesOf(url);
  expect(shown).toEqual(street.hashes.slice(gopSeconds * fps, gopSeconds * fps + shown.length));
  expect(Math.abs(shown.length - (18.5 + session.starts_early_s) * fps)).toBeLessThanOrEqual(1);
  const entries = ['-v', 'warning', '-show_entries', 'packet=codec_type,dts_time', '-of', 'csv=p=0', url];
  const { stdout, stderr } = await execa('ffprobe', entries);
  expect(stderr).toBe('');
  for (const kind of ['video', 'audio']) {
    const times = stdout
      .split('\n')
      .filter((line) => line.startsWith(kind))
      .map((line) => Number(line.split(',')[1]));
    expect(times.length).toBeGreaterThan(0);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  }
});

test('GStreamer plays it', async () => {
  const session = await review('street', 3000, 21_500);
  const source = ['souphttpsrc', `location=${rig.origin}${session.playlist_url}`, '!', 'hlsdemux', '!'];
  const decoded = [
    'qtdemux',
    '!',
    'h264parse',
    '!',
    'avdec_h264',
    '!',
    'fakesink',
    'silent=false',
    'sync=false',
  ];
  const { stdout } = await execa('gst-launch-1.0', ['-v', ...source, ...decoded], { timeout: 50_000 });
  const pictures = stdout.split('\n').filter((line) => line.includes('chain')).length;
  expect(pictures).toBeGreaterThanOrEqual(19 * fps);
});

test('a browser with hls.js plays it from the asked time on, and jumps', async () => {
  const session = await review('street', 3000, 21_500);
  const page = await browser.newPage();
  await page.goto(`${rig.origin}/healthz`);
  await page.addScriptTag({ path: join(import.meta.dirname, '../../node_modules/hls.js/dist/hls.min.js') });
  const played = await page.evaluate(playAndJump, { url: session.playlist_url, jumpTo: 15 });
  await page.close();
  expect(played.errors).toEqual([]);
  expect(played.beganAt).toBeCloseTo(session.starts_early_s, 0);
  expect(played.duration).toBeCloseTo(18.5 + session.starts_early_s, 0);
  expect(played.jumpedTo).toBeGreaterThanOrEqual(15);
  expect(played.jumpedTo).toBeLessThan(17);
});

test('a browser plays on over a hole and another picture size', async () => {
  const session = await review('yard', 0, 21_000);
  expect(session.holes).toHaveLength(1);
  const playlist = await playlistOf(session);
  expect(playlist.match(/#EXT-X-MAP/g)).toHaveLength(2);
  expect(playlist.match(/#EXT-X-DISCONTINUITY/g)).toHaveLength(1);
  expect(playlist.match(/PROGRAM-DATE-TIME/g)?.length).toBeGreaterThanOrEqual(2);
  const page = await browser.newPage();
  await page.goto(`${rig.origin}/healthz`);
  await page.addScriptTag({ path: join(import.meta.dirname, '../../node_modules/hls.js/dist/hls.min.js') });
  const played = await page.evaluate(playAndJump, { url: session.playlist_url, jumpTo: 12 });
  await page.close();
  expect(played).toMatchObject({ errors: [], width: 640 });
  expect(played.jumpedTo).toBeGreaterThanOrEqual(12);
});

/** Runs in the page. */
async function playAndJump({ url, jumpTo }: { url: string; jumpTo: number }) {
  interface Player {
    loadSource(url: string): void;
    attachMedia(video: unknown): void;
    on(event: string, listener: (event: string, data: { details: string; fatal: boolean }) => void): void;
  }
  interface Video {
    muted: boolean;
    currentTime: number;
    duration: number;
    videoWidth: number;
    play(): Promise<void>;
  }
  const { Hls, document } = globalThis as unknown as {
    Hls: new () => Player;
    document: { createElement(name: 'video'): Video };
  };
  const errors: string[] = [];
  const video = document.createElement('video');
  video.muted = true;
  const player = new Hls();
  player.on('hlsError', (_, { details, fatal }) => fatal && errors.push(details));
  player.loadSource(url);
  player.attachMedia(video);
  const goesOn = async (from: () => number) => {
    const deadline = performance.now() + 30_000;
    while (!(video.currentTime > from()) && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 20));
  };
  let beganAt = -1;
  const playing = video.play().then(() => (beganAt = video.currentTime));
  await Promise.race([playing, new Promise((resolve) => setTimeout(resolve, 30_000))]);
  await goesOn(() => Math.max(0, beganAt));
  video.currentTime = jumpTo;
  await goesOn(() => jumpTo);
  return { errors, beganAt, jumpedTo: video.currentTime, duration: video.duration, width: video.videoWidth };
}

test('HEVC keeps the name that players know', async () => {
  const session = await review('hall', 0, 8000);
  const header = await bytesOf(rig, session.playlist_url.replace('index.m3u8', 'init_0.mp4'));
  expect(header.bytes.includes('hvc1')).toBe(true);
  expect((await hashesOf(`${rig.origin}${session.playlist_url}`)).length).toBe(8 * fps);
});

test('files of a session come in ranges, as one content type, and only by their names', async () => {
  const session = await review('street', 0, 8000);
  const folder = session.playlist_url.replace('index.m3u8', '');
  const playlist = await bytesOf(rig, session.playlist_url);
  expect(playlist.headers.get('content-type')).toBe('application/vnd.apple.mpegurl');
  const part = await bytesOf(rig, `${folder}part_00000.m4s`);
  const range = await bytesOf(rig, `${folder}part_00000.m4s`, { range: 'bytes=4-7' });
  expect([part.status, range.status, range.bytes.toString()]).toEqual([200, 206, 'moof']);
  expect(range.headers.get('content-type')).toBe(part.headers.get('content-type'));
  for (const name of [
    'part_99999.m4s',
    'init_9.mp4',
    'session.json',
    'concat.txt',
    '',
    '..%2f..%2fheldar.db',
  ])
    expect((await bytesOf(rig, `${folder}${name}`)).status, name).toBe(404);
  expect((await bytesOf(rig, '/media/playback/')).status).toBe(404);
});

test('what can not be reviewed is refused in the order of the checks', async () => {
  const post = (camera: string, body: unknown) =>
    rig.call('POST', `/api/v1/cameras/${camera}/playback/sessions`, body);
  expect((await post('nobody', { from: 'x', to: 'y' })).status).toBe(404);
  expect((await post('street', { from: at(0) })).status).toBe(422);
  expect((await post('street', { from: at(0), to: at(0) })).status).toBe(400);
  expect((await post('street', { from: at(0), to: at(600_001) })).status).toBe(400);
  expect((await post('street', { from: at(-9000), to: at(-1) })).status).toBe(404);
});

test('sessions are listed, prolonged and ended; malformed ids are told from unknown ones', async () => {
  const session = await review('street', 0, 8000);
  const ids = async () =>
    ((await rig.call('GET', '/api/v1/playback/sessions')).body as Session[]).map(({ id }) => id);
  expect(await ids()).toContain(session.id);
  expect(rig.sql('SELECT purpose FROM leases WHERE id = ?', session.id)).toEqual([{ purpose: 'session' }]);
  await rig.clock.advance(9 * minuteMs);
  const prolonged = await rig.call('POST', `/api/v1/playback/sessions/${session.id}/prolong`);
  expect(prolonged.status).toBe(200);
  expect(Date.parse((prolonged.body as Session).expires_at)).toBe(rig.clock.now() + 10 * minuteMs);
  await rig.clock.advance(9 * minuteMs);
  expect((await bytesOf(rig, session.playlist_url)).status).toBe(200);
  const end = (id: string) => rig.call('DELETE', `/api/v1/playback/sessions/${id}`);
  expect((await end('snap_1')).status).toBe(400);
  expect((await end('pbs_0')).status).toBe(404);
  expect((await end(session.id)).status).toBe(204);
  expect((await end(session.id)).status).toBe(404);
  expect(await ids()).not.toContain(session.id);
  expect((await bytesOf(rig, session.playlist_url)).status).toBe(404);
  expect(rig.sql('SELECT 1 FROM lease_segments WHERE lease_id = ?', session.id)).toEqual([]);
});

test('a session outlives a restart with its footage, and then expires', async () => {
  const session = await review('street', 3000, 12_000);
  const before = await playlistOf(session);
  await rig.stop();
  await rig.start();
  expect(await playlistOf(session)).toBe(before);
  expect(rig.sql('SELECT 1 FROM lease_segments WHERE lease_id = ?', session.id)).toHaveLength(2);
  await rig.clock.advance(11 * minuteMs);
  const left = async () => {
    await rig.clock.advance(minuteMs);
    return rig.sql('SELECT id FROM playback_sessions');
  };
  await expect.poll(left).toEqual([]);
  await expect.poll(() => rig.sql(`SELECT id FROM leases WHERE purpose = 'session'`)).toEqual([]);
});

test('a segment that is not readable is left out with a note', async () => {
  const broken = street.segments[1];
  const path = join(rig.folder, 'recordings', broken?.path ?? '');
  const { bytes } = await bytesOf(rig, `/media/recordings/${broken?.path}`);
  await truncate(path, 500);
  const session = await review('street', 3000, 21_500);
  expect(session.skipped).toMatchObject([{ segment_id: broken?.id }]);
  const shown = await hashesOf(`${rig.origin}${session.playlist_url}`);
  expect(shown).toEqual([
    ...street.hashes.slice(gopSeconds * fps, 8 * fps),
    ...street.hashes.slice(16 * fps, 8 * fps + shown.length + gopSeconds * fps),
  ]);
  await writeFile(path, bytes);
});
