/** The operator of the proof: makes zones, and changes them while everything runs; notes which changes were acknowledged. */
import { setTimeout } from 'node:timers/promises';
import { cameras } from './frames.ts';
import type { PersistentClient } from './persistent-client.ts';
import { randomOf, type Random } from './random.ts';

export interface ZoneEditor {
  /** Names that acknowledged changes gave to zones, and ids of zones whose deletion was acknowledged. Each must stand in the log. */
  readonly acknowledged: { readonly names: readonly string[]; readonly deleted: readonly string[] };
  readonly problems: readonly string[];
  end(): void;
  readonly finished: Promise<void>;
}

const firstZones = 2;
const mostZones = 4;
const polygons = [
  [[0, 0], [0.5, 0], [0.5, 1], [0, 1]],
  [[0.25, 0.1], [0.8, 0.2], [0.7, 0.9], [0.2, 0.8]],
  [[0.4, 0], [1, 0], [1, 1], [0.6, 0.5], [0.4, 1]],
] as const; // prettier-ignore

export function startZoneEditor(options: {
  client: PersistentClient;
  seed: string;
  restMs: readonly [least: number, most: number];
}): ZoneEditor {
  const { client } = options;
  const random = randomOf(options.seed, 'zones');
  const acknowledged = { names: [] as string[], deleted: [] as string[] };
  const problems: string[] = [];
  const zones = new Map<string, string[]>(cameras.map((camera) => [camera, []]));
  const state = { ending: false, changes: 0 };

  const fields = () => {
    state.changes += 1;
    return { name: `change ${state.changes}`, ...randomFields(random) };
  };
  const create = async (camera: string) => {
    const body = fields();
    const answer = await client.send('POST', `/api/v1/cameras/${camera}/zones`, body);
    if (answer.status !== 201) return void problems.push(`zone of ${camera}: ${JSON.stringify(answer)}`);
    acknowledged.names.push(body.name);
    zones.get(camera)?.push((answer.body as { id: string }).id);
  };
  const change = async (id: string) => {
    const body = fields();
    // 409: another try of the same change, whose answer was lost, came first.
    const answer = await client.send('PATCH', `/api/v1/zones/${id}`, body, [409]);
    if (answer.status === 200) acknowledged.names.push(body.name);
    else problems.push(`zone ${id}: ${JSON.stringify(answer)}`);
  };
  const remove = async (camera: string, id: string) => {
    const answer = await client.send('DELETE', `/api/v1/zones/${id}`, undefined);
    zones.set(camera, zones.get(camera)?.filter((other) => other !== id) ?? []);
    if (answer.status === 204) acknowledged.deleted.push(id);
    else if (answer.status !== 404 || answer.retries === 0)
      problems.push(`zone ${id}: ${JSON.stringify(answer)}`);
  };

  const prepare = async () => {
    for (const camera of cameras) for (let n = 0; n < firstZones; n += 1) await create(camera);
  };
  const edit = async () => {
    while (!state.ending) {
      const camera = random.oneOf(cameras);
      const own = zones.get(camera) ?? [];
      const chance = random.next();
      if (own.length < mostZones && chance < 0.15) await create(camera);
      else if (own.length > firstZones && chance < 0.3) await remove(camera, random.oneOf(own));
      else if (own.length > 0) await change(random.oneOf(own));
      await setTimeout(random.whole(...options.restMs));
    }
  };
  return {
    acknowledged,
    problems,
    end() {
      state.ending = true;
    },
    finished: prepare().then(edit),
  };
}

function randomFields(random: Random) {
  return {
    polygon: random.oneOf(polygons),
    labels: random.oneOf([[], [], ['person'], ['person', 'car']]),
    dwell_seconds: random.oneOf([0, 1, 3, 8]),
    severity: random.oneOf(['info', 'warning', 'critical']),
    config: random.oneOf([{}, { confirm_frames: 1 }, { confirm_frames: 3 }]),
    enabled: random.next() < 0.85,
  };
}
