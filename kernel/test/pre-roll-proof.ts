/**
 * How true is a pre-roll? Triggers at random moments, further apart than pre-roll and post-roll together, on several cameras at once; ends
 * with 1 when a recording does not begin its pre-roll before the trigger, give or take one group of pictures, or when anything grows among
 * the recordings while the cameras wait.
 *
 *   node --conditions=heldar-source kernel/test/pre-roll-proof.ts [--triggers 50] [--cameras 5] [--pre-roll 5] [--post-roll 2]
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createSimulatedCamera } from '../src/simulate/simulated-camera.ts';
import { readCameraStatus } from '../src/store/camera-queries.ts';
import { listSegments } from '../src/store/segment-queries.ts';
import { createMediaRig } from './media-rig.ts';
import { openMediaStore } from './media-store.ts';
import { until } from './until.ts';

const { values: flags } = parseArgs({
  options: {
    triggers: { type: 'string', default: '50' },
    cameras: { type: 'string', default: '5' },
    'pre-roll': { type: 'string', default: '5' },
    'post-roll': { type: 'string', default: '2' },
  },
});
/** Of the footage, ms. */
const gopMs = 1000;
const preRollMs = Number(flags['pre-roll']) * 1000;
const postRollMs = Number(flags['post-roll']) * 1000;
const cameras = Number(flags.cameras);
const rounds = Math.ceil(Number(flags.triggers) / cameras);

const source = createSimulatedCamera({
  file: fileURLToPath(new URL('../../examples/media/street.mp4', import.meta.url)),
});
await source.start();
const problems: string[] = [];
/** First picture before the asked pre-roll, and last one behind the end of the window, ms. */
const early: number[] = [];
const late: number[] = [];
{
  await using media = await openMediaStore();
  const ids: string[] = [];
  for (let index = 0; index < cameras; index += 1)
    ids.push(
      await media.createCamera({
        name: `Street ${index + 1}`,
        main_stream_url: source.url,
        record_mode: 'event',
        pre_roll_seconds: preRollMs / 1000,
        post_roll_seconds: postRollMs / 1000,
      }),
    );
  await using rig = await createMediaRig(media);
  await rig.fleet.start();

  const isArmed = (id: string) =>
    readCameraStatus(media.store.read, id)?.stateDetail?.startsWith('armed') === true;
  const ringOf = (id: string) => readdir(join(media.folder, 'ring', id)).catch(() => []);
  const bytesOf = async (id: string) => {
    const folder = join(media.recordingsDir, id);
    const names = await readdir(folder).catch(() => []);
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
    return sizes.reduce((sum, size) => sum + size, 0);
  };
  const fire = async (id: string, recorded: number): Promise<number> => {
    await until('armed', () => isArmed(id), 60_000);
    await until(
      'the ring is empty of the trigger before',
      async () => (await ringOf(id)).length >= 3,
      60_000,
    );
    const before = await bytesOf(id);
    const moment = performance.now() + preRollMs + 2 * gopMs + 3000 * Math.random();
    await until('any moment', () => performance.now() > moment, 60_000);
    if ((await bytesOf(id)) !== before) problems.push(`${id}: something was recorded while it waited`);
    const firedAt = Date.now();
    const { until: end } = await rig.fleet.trigger(id, firedAt);
    await until('the post-roll is over', () => Date.now() > end, 60_000);
    await until('armed again', () => isArmed(id), 60_000);
    const foundAll = () => listSegments(media.store.read, id, {}, 5000).slice(recorded);
    await until('all of it is indexed', () => (foundAll().at(-1)?.endTime ?? 0) >= end, 60_000);
    const found = foundAll();
    const startsEarly = firedAt - preRollMs - (found[0]?.startTime ?? Number.NaN);
    early.push(startsEarly);
    late.push((found.at(-1)?.endTime ?? Number.NaN) - end);
    if (!(Math.abs(startsEarly) <= gopMs))
      problems.push(`${id}: begins ${startsEarly} ms before its pre-roll`);
    for (const [index, { startTime }] of found.slice(1).entries())
      if (startTime !== found[index]?.endTime) problems.push(`${id}: a hole within a recording`);
    return recorded + found.length;
  };
  await Promise.all(
    ids.map(async (id) => {
      let recorded = 0;
      for (let round = 0; round < rounds; round += 1) recorded = await fire(id, recorded);
    }),
  );
  await rig.fleet.stop();
}
await source.stop();
const figures = (values: readonly number[]) => {
  const sorted = values.toSorted((a, b) => a - b);
  return `${sorted[0]} to ${sorted.at(-1)} ms, p50 ${sorted[Math.floor(sorted.length / 2)]}`;
};
process.stdout.write(`${early.length} triggers on ${cameras} cameras, groups of pictures of ${gopMs} ms\n`);
process.stdout.write(`first picture before the asked pre-roll: ${figures(early)}\n`);
process.stdout.write(`last picture behind the end of the window: ${figures(late)}\n`);
for (const problem of problems) process.stdout.write(`PROBLEM ${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
