import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startHost, startMediaSite, type Json, type MediaSite } from './media-site.ts';
import { until } from './until.ts';

const stillsOf = async ({ get }: MediaSite, id: string, query = '') =>
  (await get<Json[]>(`/api/v1/cameras/${id}/snapshots${query}`)) as (Json & { taken_at: string })[];

test('stills are taken at their intervals, whatever happens to other cameras, and stay when their schedule goes', async () => {
  await using silent = await startHost();
  await using media = await startMediaSite({ HELDAR_RECORDER_ENABLED: 'false' });
  const { ask, get, site, camera } = media;
  const add = async (id: string, url: string) => {
    await ask('POST', '/api/v1/cameras', { id, name: id, main_stream_url: url }, 201);
    return await ask('POST', `/api/v1/cameras/${id}/snapshot-schedules`, { interval_seconds: 1 }, 201);
  };
  const schedule = await add('street', camera.url);
  await until('a first still', async () => (await stillsOf(media, 'street')).length === 1, 60_000);
  // More cameras that hang than stills are taken at once.
  for (const id of ['hung_1', 'hung_2', 'hung_3', 'hung_4', 'hung_5'])
    await add(id, `rtsp://127.0.0.1:${silent.port}/live`);
  const off = { id: 'off', name: 'off', main_stream_url: camera.url, enabled: false };
  await ask('POST', '/api/v1/cameras', off, 201);
  await ask('POST', '/api/v1/cameras/off/snapshot-schedules', {}, 201);
  await add('refused', 'rtsp://user:planted@127.0.0.1:1/live');
  expect(schedule).toMatchObject({
    camera_id: 'street',
    interval_seconds: 5,
    enabled: true,
    last_fired_at: null,
  });
  expect(schedule['id']).toMatch(/^snsch_[0-9a-f]{32}$/);

  const stills = await until(
    'two stills',
    async () => {
      const found = await stillsOf(media, 'street');
      return found.length >= 2 && found;
    },
    60_000,
  );
  const [newest, oldest] = [stills[0], stills.at(-1)];
  expect(newest).toMatchObject({
    camera_id: 'street',
    schedule_id: schedule['id'],
    url: `/media/snapshots/${String(newest?.['path'])}`,
  });
  expect(newest?.['path']).toMatch(/^street\/[0-9]{8}T[0-9]{9}Z\.jpg$/);
  const between = Date.parse(newest?.taken_at ?? '') - Date.parse(oldest?.taken_at ?? '');
  expect(between).toBeGreaterThanOrEqual(4900);
  const folder = join(site.folder.path, 'data', 'snapshots');
  const jpeg = await readFile(join(folder, String(newest?.['path'])));
  expect(jpeg.length).toBe(newest?.['size_bytes']);
  expect(jpeg.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
  const served = await site.kernel.inject(String(newest?.['url']));
  expect(served.headers.get('content-type')).toBe('image/jpeg');
  expect(Buffer.from(await served.arrayBuffer())).toEqual(jpeg);

  // One that is disabled is left alone until it is not.
  expect(await stillsOf(media, 'off')).toEqual([]);
  await ask('PATCH', '/api/v1/cameras/off', { enabled: true }, 200);
  await until('a still', async () => (await stillsOf(media, 'off')).length === 1, 60_000);
  await ask('DELETE', '/api/v1/cameras/off', undefined, 204);

  // The clock of one that fails goes on, and it is asked less often.
  const [refused] = await until('a failed still', async () => {
    const found = await get<Json[]>('/api/v1/cameras/refused/snapshot-schedules');
    return found[0]?.['last_fired_at'] !== null && found;
  });
  expect(refused).toMatchObject({ interval_seconds: 5 });
  expect(await stillsOf(media, 'refused')).toEqual([]);
  const warnings = site.log.filter((line) => line['camera'] === 'refused' && line['level'] === 'warn');
  expect(warnings).toHaveLength(1);
  expect(JSON.stringify(site.log)).not.toContain('planted');

  const at = encodeURIComponent(oldest?.taken_at ?? '');
  expect(await stillsOf(media, 'street', `?from=${at}&to=${at}`)).toEqual([oldest]);
  expect((await stillsOf(media, 'street', '?limit=0')).length).toBe(1);
  await ask(
    'GET',
    `/api/v1/cameras/street/snapshots?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z`,
    undefined,
    400,
  );
  await ask('GET', `/api/v1/cameras/street/snapshots?from=now`, undefined, 400);

  const path = `/api/v1/snapshot-schedules/${String(schedule['id'])}`;
  expect(await ask('PATCH', path, { interval_seconds: null, enabled: false }, 200)).toMatchObject({
    interval_seconds: 5,
    enabled: false,
  });
  await ask('PATCH', path, { interval_seconds: 1.5 }, 422);
  await ask('DELETE', path, undefined, 204);
  await ask('DELETE', path, undefined, 404);
  const kept = await stillsOf(media, 'street');
  expect(kept.map((still) => still['schedule_id'])).toEqual(kept.map(() => null));

  await ask('DELETE', '/api/v1/cameras/street', undefined, 204);
  expect(await readdir(folder)).toEqual([]);
  expect(site.sql('SELECT * FROM snapshots')).toEqual([]);
  expect(site.sql('SELECT * FROM garbage')).toEqual([]);
});
