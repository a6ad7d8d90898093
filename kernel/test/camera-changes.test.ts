import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { markerVariable } from '../src/media/ffmpeg.ts';
import { startMediaSite, type Json, type MediaSite } from './media-site.ts';
import { until } from './until.ts';

interface MediaChild {
  readonly pid: number;
  /** A recorder writes segments. */
  readonly isRecorder: boolean;
  readonly text: string;
}

/** ffmpeg processes of this test's kernel, by their arguments and environment. */
async function ffmpegs({ site }: MediaSite): Promise<MediaChild[]> {
  const found: MediaChild[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const [environ, cmdline, status] = await Promise.all(
      ['environ', 'cmdline', 'status'].map((file) =>
        readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => ''),
      ),
    );
    const isChild =
      environ?.includes(`${markerVariable}=`) === true &&
      status?.includes(`PPid:\t${process.pid}\n`) === true;
    if (!isChild || cmdline?.includes('ffmpeg') !== true) continue;
    const isRecorder = cmdline.includes(site.folder.path);
    found.push({ pid: Number(pid), isRecorder, text: cmdline + (environ ?? '') });
  }
  return found;
}

test('a change restarts what it touches and nothing else; the mirror has what was recorded; a removal leaves nothing', async () => {
  const mirrorName = 'second-disk';
  await using media = await startMediaSite({ HELDAR_MIRROR_RECORDINGS_DIR: mirrorName });
  const { ask, get, site, camera } = media;
  const url = (user: string) => camera.url.replace('rtsp://', `rtsp://${user}@`);
  for (const id of ['gate', 'yard'])
    await ask(
      'POST',
      '/api/v1/cameras',
      {
        id,
        name: id,
        segment_seconds: 2,
        mirror_enabled: id === 'gate',
        main_stream_url: url(`${id}:planted-${id}`),
      },
      201,
    );
  const tasks = await Promise.all(
    ['gate', 'yard'].map((id) =>
      ask('POST', `/api/v1/cameras/${id}/ai-tasks`, { task_type: 'motion', width: 320, fps: 2 }, 201),
    ),
  );
  const health = async (id: string) => await get(`/api/v1/cameras/${id}/health`);
  const samplersOf = async () =>
    (await ffmpegs(media))
      .filter(({ isRecorder }) => !isRecorder)
      .map(({ pid }) => pid)
      .sort((a, b) => a - b);
  const recorderOf = async (id: string) =>
    await until(
      `${id} records`,
      async () => {
        const { state, recorder_pid: pid } = await health(id);
        return state === 'recording' && typeof pid === 'number' && pid;
      },
      40_000,
    );
  const sampling = async () => {
    await until(
      'both sample',
      async () => {
        const samplers = await get<Json[]>('/api/v1/ai/samplers');
        return samplers.length === 2 && samplers.every(({ state }) => state === 'sampling');
      },
      40_000,
    );
    return await samplersOf();
  };

  const gate = await recorderOf('gate');
  const yard = await recorderOf('yard');
  const samplers = await sampling();
  expect(samplers).toHaveLength(2);
  // No credential stands in the arguments or the environment of a child.
  for (const { text } of await ffmpegs(media)) expect(text).not.toContain('planted');

  await ask('PATCH', '/api/v1/cameras/gate', { name: 'Another', retention_hours: 9, model: 'x' }, 200);
  expect([await recorderOf('gate'), await recorderOf('yard'), await sampling()]).toEqual([
    gate,
    yard,
    samplers,
  ]);

  await ask('PATCH', '/api/v1/cameras/gate', { segment_seconds: 3 }, 200);
  const again = await until(
    'another recorder of gate',
    async () => {
      const pid = await recorderOf('gate');
      return pid !== gate && pid;
    },
    40_000,
  );
  expect([await recorderOf('yard'), await sampling()]).toEqual([yard, samplers]);

  await ask('PATCH', `/api/v1/ai-tasks/${String(tasks[0]?.['id'])}`, { width: 160 }, 200);
  const resampled = await until(
    'another sampler of gate',
    async () => {
      const now = await sampling();
      return now.length === 2 && now.filter((pid) => samplers.includes(pid)).length === 1 && now;
    },
    40_000,
  );
  expect([await recorderOf('gate'), await recorderOf('yard')]).toEqual([again, yard]);

  await ask('PATCH', '/api/v1/cameras/yard', { main_stream_url: url('yard:planted-again') }, 200);
  await until(
    'another recorder and sampler of yard',
    async () => {
      const now = await sampling();
      return (await recorderOf('yard')) !== yard && now.filter((pid) => resampled.includes(pid)).length === 1;
    },
    40_000,
  );
  expect(await recorderOf('gate')).toBe(again);

  const mirror = site.folder.file(mirrorName);
  const recordings = site.folder.file('data/recordings');
  const copied = await until(
    'copies',
    async () => {
      const { mirror_state: state, mirror_last_segment_at: at } = await health('gate');
      return state === 'recording' && at !== null && (await readdir(join(mirror, 'gate')));
    },
    40_000,
  );
  for (const name of copied.filter((copy) => copy.endsWith('.mp4')))
    expect((await stat(join(mirror, 'gate', name))).size).toBe(
      (await stat(join(recordings, 'gate', name))).size,
    );
  expect(await health('yard')).toMatchObject({ mirror_state: 'disabled', mirror_last_segment_at: null });

  await ask('DELETE', '/api/v1/cameras/gate', undefined, 204);
  expect(await readdir(recordings)).not.toContain('gate');
  expect(await readdir(mirror)).toEqual(['.heldar-mirror']);
  expect(await recorderOf('yard')).toBeTypeOf('number');
  expect(site.sql(`SELECT 1 FROM segments WHERE camera_id = 'gate'`)).toEqual([]);
  expect(site.sql(`SELECT 1 FROM mirror_queue WHERE camera_id = 'gate'`)).toEqual([]);
  expect(JSON.stringify(site.log)).not.toContain('planted');
});
