/** A site with a past: a real kernel has recorded detections, changes and ticks, and a replay of them can be asked for. */
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import type { HeldarConfig } from '@heldar/plugin-sdk';
import { surveyPlugins } from '../src/cli/survey.ts';
import { loadConfig } from '../src/config/load-config.ts';
import { subjectOf, type Subject } from '../src/replay/subject.ts';
import { openRecorded, type Recorded } from '../src/store/recorded-queries.ts';
import type { KernelRig } from './kernel-rig.ts';
import { fixturePlugin } from './site-rig.ts';

export const zonesConfig: HeldarConfig = {
  plugins: [fileURLToPath(new URL('../../plugins/zones', import.meta.url))],
};

export function tallyConfig(options: Record<string, unknown> = {}): HeldarConfig {
  return { plugins: [fixturePlugin('tally')], test: { plugins: { tally: options } } };
}

/** A plugin of a composition as a replay needs it. */
export async function subjectIn(rig: KernelRig, config: HeldarConfig, name: string): Promise<Subject> {
  const { folder: cwd } = rig;
  const env = { HELDAR_DATA_DIR: cwd };
  const resolved = await loadConfig({ cwd, env, environment: 'test', config });
  return subjectOf(await surveyPlugins(resolved), name, cwd);
}

export function recordedOf(rig: KernelRig): Recorded {
  return openRecorded(join(rig.folder, 'heldar.db'));
}

/** A square in the middle of the picture. */
const middle = [
  [0.3, 0.3],
  [0.7, 0.3],
  [0.7, 0.7],
  [0.3, 0.7],
];

export async function createZone(rig: KernelRig, camera: string, dwellSeconds = 1): Promise<string> {
  const body = { name: 'middle', polygon: middle, dwell_seconds: dwellSeconds };
  const answer = await rig.call('POST', `/api/v1/cameras/${camera}/zones`, body);
  if (answer.status !== 201) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
  return (answer.body as { id: string }).id;
}

export async function ingest(rig: KernelRig, batch: Record<string, unknown>): Promise<void> {
  const { status, body } = await rig.call('POST', '/api/v1/ai/events', batch);
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
}

/** Five tracks that wander in and out of the middle, the same each time; new ones every 40 batches. */
function wanderers(camera: string, index: number): Record<string, unknown> {
  const detections = Array.from({ length: 5 }, (_, track) => {
    const phase = (index * (1 + track) + track * 31) % 100;
    const x = 0.5 + 0.45 * Math.sin((phase / 100) * 2 * Math.PI);
    return {
      label: track % 2 === 0 ? 'person' : 'car',
      confidence: 0.9,
      bbox: [x - 0.05, 0.3, 0.1, 0.2],
      track_id: `${track}-${Math.floor(index / 40)}`,
      attributes: { index },
    };
  });
  return { camera_id: camera, task_type: 'detection', frame_id: `${camera}-${index}`, detections };
}

/** Batches `from` to `to` of each camera, ten of each in a second of log time, and all that comes of them. */
export async function recordWanderers(
  rig: KernelRig,
  cameras: readonly string[],
  from: number,
  to: number,
): Promise<void> {
  for (let index = from; index < to; index += 10) {
    const second = Array.from({ length: Math.min(10, to - index) }, (_, offset) => index + offset);
    await Promise.all(
      cameras.flatMap((camera) => second.map((each) => ingest(rig, wanderers(camera, each)))),
    );
    await rig.clock.advance(1000);
  }
  await rig.kernel.quiet();
}

let frames = 0;

/** A batch of task type `people` with these labels. */
export async function ingestPeople(
  rig: KernelRig,
  camera: string,
  ...labels: readonly string[]
): Promise<void> {
  const detections = labels.map((label) => ({ label, confidence: 0.9, bbox: [0, 0, 1, 1], track_id: '1' }));
  frames += 1;
  await ingest(rig, { camera_id: camera, task_type: 'people', frame_id: `f${frames}`, detections });
}
