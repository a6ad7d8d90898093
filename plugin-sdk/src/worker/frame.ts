/** Is there a frame worth analysing? */
import type { WorkerTask } from './analyser.ts';
import { statusReason } from './request.ts';
import type { Attempt, Request } from './request.ts';

export type FrameResult =
  | {
      readonly kind: 'frame';
      readonly jpeg: Uint8Array;
      readonly capturedAt: string;
      readonly ageMs: number | null;
    }
  /** `none`: nothing sampled yet. `same`: the frame of the cycle before. `stale`: too old to say anything about now. */
  | { readonly kind: 'none' | 'same' | 'stale' }
  | { readonly kind: 'failed'; readonly reason: string };

export function frameRequest(task: WorkerTask): Request {
  return { method: 'GET', path: task.frameUrl, maxAnswerBytes: 32 * 1024 * 1024 };
}

/** The time between two frames of the task; no server runs a task faster than 30 frames a second. */
export function periodMs(task: WorkerTask): number {
  return 1000 / Math.min(30, Math.max(task.fps, 0.1));
}

/** `previous` is the capture time of the frame before, empty for none. */
export function judgeFrame(attempt: Attempt, task: WorkerTask, previous: string): FrameResult {
  if (attempt.kind !== 'answer') return { kind: 'failed', reason: attempt.reason };
  if (attempt.status === 404) return { kind: 'none' };
  if (attempt.status !== 200) return { kind: 'failed', reason: statusReason(attempt) };
  const capturedAt = attempt.headers.get('x-frame-captured-at') ?? '';
  if (capturedAt !== '' && capturedAt === previous) return { kind: 'same' };
  const ageText = attempt.headers.get('x-frame-age-ms') ?? '';
  const ageMs = /^\d+$/.test(ageText) ? Number(ageText) : null;
  if (ageMs !== null && ageMs > Math.max(2000, 3 * periodMs(task))) return { kind: 'stale' };
  return { kind: 'frame', jpeg: attempt.body, capturedAt, ageMs };
}
