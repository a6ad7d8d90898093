/** Which tasks are there for this worker? */
import type { JsonObject } from '../schema.ts';
import type { WorkerTask } from './analyser.ts';
import { statusReason } from './request.ts';
import type { Attempt, Request } from './request.ts';

const MAX_TASKS = 512;

export const discoveryRequest: Request = {
  method: 'GET',
  path: '/api/v1/ai/tasks',
  maxAnswerBytes: 8 * 1024 * 1024,
};

export type Discovery =
  /** `skipped`: entries that no loop can run, unusable ones and those past the limit. */
  | { readonly kind: 'tasks'; readonly tasks: readonly WorkerTask[]; readonly skipped: number }
  | { readonly kind: 'failed'; readonly reason: string };

export function readDiscovery(attempt: Attempt): Discovery {
  if (attempt.kind !== 'answer') return { kind: 'failed', reason: attempt.reason };
  if (attempt.status !== 200) return { kind: 'failed', reason: statusReason(attempt) };
  const entries = parseJson(attempt.body);
  if (!Array.isArray(entries)) return { kind: 'failed', reason: 'the list of tasks is not a JSON array' };
  const byId = new Map<string, WorkerTask>();
  for (const entry of entries) {
    const task = readTask(entry);
    if (task && !byId.has(task.id) && byId.size < MAX_TASKS) byId.set(task.id, task);
  }
  return { kind: 'tasks', tasks: [...byId.values()], skipped: entries.length - byId.size };
}

/** Null for an entry that lacks what a loop needs. */
export function readTask(entry: unknown): WorkerTask | null {
  if (!isObject(entry)) return null;
  const { id, camera_id: cameraId, task_type: taskType, frame_url: frameUrl } = entry;
  if (!isText(id) || !isText(cameraId) || !isText(taskType) || !isFrameUrl(frameUrl)) return null;
  return {
    id,
    cameraId,
    taskType,
    frameUrl,
    streamProfile: isText(entry.stream_profile) ? entry.stream_profile : 'sub',
    fps: numberOr(entry.fps, 5),
    width: numberOr(entry.width, 1280),
    config: isObject(entry.config) ? (entry.config as JsonObject) : {},
  };
}

/** Only the server's own paths: the address is put behind the base URL, and the key goes with it. */
function isFrameUrl(value: unknown): value is string {
  return isText(value) && value.startsWith('/') && !value.includes('://') && !value.includes('..');
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function numberOr(value: unknown, fallback: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : fallback;
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}
