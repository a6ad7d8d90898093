/** What does the server get to know about one analysed frame? */
import type { Analysis, WorkerTask } from './analyser.ts';
import { statusReason } from './request.ts';
import type { Attempt, Request } from './request.ts';

const MAX_DETECTIONS = 1000;

/** Null when there is nothing to tell. `now` is the worker's clock, ms since the epoch. */
export function postRequest(
  task: WorkerTask,
  analysis: Analysis,
  capturedAt: string,
  now: number,
): Request | null {
  if (analysis.detections.length === 0 && !analysis.event) return null;
  const body = JSON.stringify({
    camera_id: task.cameraId,
    task_type: task.taskType,
    timestamp: new Date(now).toISOString().replace('Z', '+00:00'),
    // The key that makes a repeat a no-op; the task's id in it keeps several tasks of a camera apart.
    ...(capturedAt === '' ? {} : { frame_id: `${task.id}:${capturedAt}` }),
    detections: analysis.detections.slice(0, MAX_DETECTIONS),
    ...(analysis.event ? { event: analysis.event } : {}),
  });
  return { method: 'POST', path: '/api/v1/ai/events', body, maxAnswerBytes: 64 * 1024 };
}

export type Delivery =
  | { readonly kind: 'delivered'; readonly ingested: number }
  | { readonly kind: 'failed'; readonly reason: string };

export function readDelivery(attempt: Attempt): Delivery {
  if (attempt.kind !== 'answer') return { kind: 'failed', reason: attempt.reason };
  if (attempt.status < 200 || attempt.status > 299) {
    return { kind: 'failed', reason: statusReason(attempt) };
  }
  return { kind: 'delivered', ingested: readIngested(new TextDecoder().decode(attempt.body)) };
}

/** Missing, null or unreadable counts as none. */
function readIngested(text: string): number {
  try {
    const reply: unknown = JSON.parse(text);
    const count =
      typeof reply === 'object' && reply !== null && 'detections_ingested' in reply
        ? reply.detections_ingested
        : 0;
    return typeof count === 'number' ? count : 0;
  } catch {
    return 0;
  }
}
