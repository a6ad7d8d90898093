/** Does every segment get its preview, and does the preview go with it? */
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { midnight, recordFootage } from './footage-rig.ts';
import { bytesOf, startFootageSite } from './footage-site.ts';

test('each segment gets a small still beside it, one that is not readable none', async () => {
  let broken = '';
  const fill = async (media: Parameters<typeof recordFootage>[0]) => {
    const { segments } = await recordFootage(media, 'street', { seconds: 12 });
    broken = segments[1]?.path ?? '';
    await writeFile(join(media.recordingsDir, broken), 'no movie');
  };
  await using rig = await startFootageSite(['Street'], fill, { HELDAR_PREVIEW_CPU_PERCENT: '100' });
  const left = () => rig.sql('SELECT id FROM segments WHERE preview_bytes IS NULL');
  await expect.poll(left, { timeout: 30_000 }).toEqual([]);
  const query = `from=${new Date(midnight).toISOString()}`;
  const { body } = await rig.call('GET', `/api/v1/cameras/street/previews?${query}`);
  const previews = body as { segment_id: string; url: string; size_bytes: number; at: string }[];
  expect(previews).toHaveLength(2);
  expect(previews[0]?.at).toBe('2026-01-02T00:00:00Z');
  for (const { url, size_bytes: size } of previews) {
    const { status, headers, bytes } = await bytesOf(rig, url);
    expect([status, bytes.length, headers.get('content-type')]).toEqual([200, size, 'image/jpeg']);
    const entries = ['-v', 'error', '-f', 'mjpeg', '-i', 'pipe:0', '-show_entries', 'stream=width,height'];
    const { stdout } = await execa('ffprobe', [...entries, '-of', 'csv=p=0'], { input: bytes });
    expect(stdout).toBe('160,120');
  }
  for (const other of [broken.replace('.mp4', '.jpg'), broken, 'street/'])
    expect((await bytesOf(rig, `/media/previews/${other}`)).status).toBe(404);
  const names = await readdir(join(rig.folder, 'recordings', 'street'));
  expect(names.filter((name) => name.endsWith('.jpg'))).toHaveLength(2);
});
