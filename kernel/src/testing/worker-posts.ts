/** How does a test post what a worker posts? */
import { HeldarError } from '../errors.ts';
import type { SeenBatch } from './batches.ts';
import type { Life } from './life.ts';

export const ingestPath = '/api/v1/ai/events';

/** A batch as a worker writes it. */
export function bodyOf({ camera, taskType, detections, frameId, at }: SeenBatch): object {
  return {
    camera_id: camera,
    task_type: taskType,
    detections,
    ...(frameId === undefined ? {} : { frame_id: frameId }),
    ...(at === undefined ? {} : { timestamp: new Date(at).toISOString() }),
  };
}

/**
 * Posts, and sends it again when the kernel was killed before it answered: so does a worker. Resolves when all has come to rest.
 * @throws HeldarError `bad_request` with the answer when it is not the expected one.
 */
export async function postUntilAnswered(
  life: Life,
  path: string,
  body: unknown,
  expected = 200,
): Promise<unknown> {
  for (;;) {
    const before = life.crashes;
    try {
      return await post(life, path, body, expected);
    } catch (error) {
      if (life.crashes === before) throw error;
    } finally {
      await life.settle();
    }
  }
}

/** Posts, and waits for the answer alone. @throws as `postUntilAnswered` does. */
export async function post(life: Life, path: string, body: unknown, expected = 200): Promise<unknown> {
  const response = await life.run().kernel.inject(path, { method: 'POST', body });
  const text = await response.text();
  if (response.status === expected) return text === '' ? undefined : (JSON.parse(text) as unknown);
  throw new HeldarError('bad_request', `POST ${path} was answered with ${response.status}: ${text}`);
}
