import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { openKeyring } from '../src/secrets/keyring.ts';
import { markerVariable } from '../src/media/ffmpeg.ts';
import { startGuardedCamera } from './guarded-camera.ts';
import { startMediaSite, type Json } from './media-site.ts';
import { until } from './until.ts';

/** What every planted secret holds, as it is and percent-encoded. */
const canary = 'canary';
const password = `${canary}@1/: '"x`;
const encoded = encodeURIComponent(password);

/** Arguments and environment of this process's media children. */
async function childrenTexts(): Promise<string[]> {
  const texts: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
    const [environ, cmdline, status] = await Promise.all([read('environ'), read('cmdline'), read('status')]);
    if (environ.includes(`${markerVariable}=`) && status.includes(`PPid:\t${process.pid}\n`))
      texts.push(`${cmdline}\n${environ}`);
  }
  return texts;
}

test('no secret of a camera leaves the process, whatever happens to the camera', async () => {
  await using media = await startMediaSite({ HELDAR_AI_MAX_TOTAL_FPS: '10' });
  const { ask, get, site, camera } = media;
  await using guarded = await startGuardedCamera(camera.url, { user: 'admin', password, scheme: 'Digest' });
  const urlFor = (secret: string) => guarded.url.replace('rtsp://', `rtsp://admin:${secret}@`);
  const said: string[] = [];
  const seen = new Set<string>();
  let isOver = false;
  const watch = async () => {
    while (!isOver) {
      for (const text of await childrenTexts()) seen.add(text);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const watching = watch();

  const cameras: Readonly<Record<string, Json>> = {
    right: { main_stream_url: urlFor(encoded) },
    wrong: {
      main_stream_url: urlFor(`${canary}-wrong`),
      anr_replay_url_template: `rtsp://u:${encoded}@x/{start}`,
    },
    refused: { vendor: 'dahua', address: '127.0.0.1', rtsp_port: 1, username: 'admin', password },
    query: { main_stream_url: `http://127.0.0.1:1/video?user=admin&pwd=${canary}-query&channel=1` },
    nowhere: {
      main_stream_url: `rtsps://admin:${canary}-tls@127.0.0.1:1/live`,
      sub_stream_url: urlFor(`${canary}-sub`),
    },
  };
  for (const [id, body] of Object.entries(cameras)) {
    said.push(
      JSON.stringify(
        await ask('POST', '/api/v1/cameras', { id, name: id, segment_seconds: 2, ...body }, 201),
      ),
    );
    await ask(
      'POST',
      `/api/v1/cameras/${id}/ai-tasks`,
      { task_type: 'motion', stream_profile: 'main', fps: 1 },
      201,
    );
    await ask('POST', `/api/v1/cameras/${id}/snapshot-schedules`, {}, 201);
  }
  await ask('POST', '/api/v1/users', { username: 'bob', password: `${canary} of bob` }, 201);
  const typed = [
    { username: 'bob', password: `${canary} wrong` },
    { username: `${canary} in the wrong field`, password: 'x' },
  ];
  for (const body of typed) said.push(JSON.stringify(await site.call('POST', '/api/v1/auth/login', body)));
  const { key } = await ask('POST', '/api/v1/api-keys', { name: 'worker' }, 201);
  for (const body of [
    { main_stream_url: `rtsp://admin:${canary} blank@x/` },
    { password: [canary] },
    `{"password": "${canary}`,
  ])
    said.push(JSON.stringify(await site.call('PATCH', '/api/v1/cameras/right', body)));
  await Promise.all(
    Object.keys(cameras).map(async (id) => {
      const answer = await get(`/api/v1/cameras/${id}/test`);
      expect(answer['reachable']).toBe(id === 'right');
      said.push(JSON.stringify(answer));
    }),
  );

  await until(
    'every camera to have met its fate',
    async () => {
      const states = await get<Json[]>('/api/v1/health/cameras');
      const samplers = await get<Json[]>('/api/v1/ai/samplers');
      const failed = (rows: Json[], good: string) =>
        rows.every(({ camera_id: id, state }) => (id === 'right' ? state === good : state === 'offline'));
      const snapshots = await Promise.all(
        Object.keys(cameras).map((id) => get<Json[]>(`/api/v1/cameras/${id}/snapshot-schedules`)),
      );
      const fired = snapshots.every(([schedule]) => schedule?.['last_fired_at'] !== null);
      return failed(states, 'recording') && failed(samplers, 'sampling') && fired;
    },
    60_000,
  );
  isOver = true;
  await watching;
  // The recorder and the sampler of the one that is right, whatever else was caught.
  for (const text of await childrenTexts()) seen.add(text);
  expect(seen.size).toBeGreaterThanOrEqual(2);

  for (const path of [
    'cameras',
    'health/cameras',
    'events?limit=1000',
    'ai/samplers',
    'ai/tasks',
    'plugins',
    'outbox',
    'audit?limit=5000',
    'users',
    'api-keys',
  ])
    said.push(JSON.stringify(await get(`/api/v1/${path}`)));
  const metrics = await site.kernel.inject('/metrics');
  said.push(await metrics.text(), JSON.stringify(site.log));
  // Not even in the files of the store, where they are sealed.
  const database = site.folder.file('data/heldar.db');
  for (const file of [database, `${database}-wal`]) said.push(await readFile(file, 'latin1').catch(() => ''));
  for (const text of [...said, ...seen]) {
    expect(text).not.toContain(canary);
    expect(text).not.toContain(key);
  }
  // The test itself would notice: this is how they look where they are opened.
  const keyring = openKeyring(database, { key: null, keyFile: site.folder.file('data/secret.key') });
  const [sealed] = site.sql<{ text: string }>(
    `SELECT password AS text FROM camera_secrets WHERE camera_id = 'refused'`,
  );
  expect(keyring.open(sealed?.text ?? '', 'camera_secrets/refused/password')).toContain(canary);
  expect(said.join('\n')).toContain('***@127.0.0.1');
});
