/** Which loops must stop and which must start so that exactly the wanted tasks run? */
import type { Json } from '../schema.ts';
import type { WorkerTask } from './analyser.ts';

export interface Changes {
  /** Ids of loops whose task vanished or changed; they stop before anything starts. */
  readonly stop: readonly string[];
  readonly start: readonly WorkerTask[];
}

/** `running` holds the fingerprint of each live loop's task by task id. */
export function planChanges(running: ReadonlyMap<string, string>, wanted: readonly WorkerTask[]): Changes {
  const wantedPrints = new Map(wanted.map((task) => [task.id, fingerprint(task)]));
  return {
    stop: [...running].filter(([id, print]) => wantedPrints.get(id) !== print).map(([id]) => id),
    start: wanted.filter((task) => running.get(task.id) !== wantedPrints.get(task.id)),
  };
}

/** Equal for two descriptions of a task exactly when a loop need not notice the difference. */
export function fingerprint(task: WorkerTask): string {
  const { cameraId, taskType, streamProfile, fps, width, frameUrl, config } = task;
  return JSON.stringify([cameraId, taskType, streamProfile, fps.toFixed(4), width, frameUrl, sorted(config)]);
}

/** The order of an object's members means nothing to the server and may change. */
function sorted(value: Json): Json {
  if (value === null || typeof value !== 'object') return value;
  if (isList(value)) return value.map(sorted);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member)]));
}

function isList(value: readonly Json[] | { readonly [key: string]: Json }): value is readonly Json[] {
  return Array.isArray(value);
}
