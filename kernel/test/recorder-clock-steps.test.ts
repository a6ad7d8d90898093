/** What becomes of the index when the machine's clock is set by an hour while a camera is recorded? */
import { chmod, copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { systemClock } from '../src/clock.ts';
import { findMediaTools } from '../src/media/tools.ts';
import { listSegments } from '../src/store/segment-queries.ts';
import { createSimulatedCamera } from '../src/simulate/simulated-camera.ts';
import { street } from './footage.ts';
import { createMediaRig } from './media-rig.ts';
import { openMediaStore } from './media-store.ts';
import { until } from './until.ts';

const steppedFfmpeg = fileURLToPath(new URL('stepped-ffmpeg.mjs', import.meta.url));
const segmentSeconds = 2;
const hourMs = 3_600_000;

test(
  'steps of an hour, forth and back, leave rows that do not overlap and are as long as their footage',
  { timeout: 120_000 },
  async () => {
    const camera = createSimulatedCamera({ file: street });
    await camera.start();
    await using media = await openMediaStore();
    const id = await media.createCamera({
      name: 'Street',
      main_stream_url: camera.url,
      segment_seconds: segmentSeconds,
    });
    let aheadMs = 0;
    const step = async (hours: number) => {
      aheadMs = hours * hourMs;
      await writeFile(join(media.folder, 'ahead-ms'), String(aheadMs));
    };
    await step(0);
    const ffmpeg = join(media.folder, 'stepped-ffmpeg.mjs');
    await copyFile(steppedFfmpeg, ffmpeg);
    await chmod(ffmpeg, 0o755);
    const tools = { ...(await findMediaTools()), ffmpeg };
    const clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
    const startedAt = Date.now();
    const rows = () => listSegments(media.store.read, id, {}, 1000);
    {
      await using rig = await createMediaRig(media, { tools, clock });
      await rig.fleet.start();
      for (const hours of [0, 1, -1]) {
        await step(hours);
        const before = rows().length;
        await until(`segments at ${hours} h`, () => rows().length >= before + 2, 60_000);
      }
      await rig.fleet.stop();
    }
    const elapsedMs = Date.now() - startedAt;
    await camera.stop();

    const found = rows();
    const lengths = found.map(({ startTime, endTime }) => endTime - startTime);
    // The last one is cut by the stop.
    expect(lengths.filter((length) => length < 900).length).toBeLessThanOrEqual(1);
    expect(Math.min(...lengths)).toBeGreaterThan(0);
    expect(Math.max(...lengths)).toBeLessThan(3 * segmentSeconds * 1000);
    const footageMs = lengths.reduce((sum, length) => sum + length, 0);
    expect(footageMs).toBeLessThanOrEqual(elapsedMs);
    expect(footageMs).toBeGreaterThan(elapsedMs - 10_000);
    expect(found.slice(1).filter(({ startTime }, index) => startTime < (found[index]?.endTime ?? 0))).toEqual(
      [],
    );
    // Each step is followed, since no footage lies where the clock points.
    const hoursOff = found.map(({ endTime }) => Math.round((endTime - startedAt) / hourMs));
    expect(new Set(hoursOff.map(String))).toEqual(new Set(['0', '1', '-1']));
  },
);
