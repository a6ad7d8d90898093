/** What did the workers of a real site send? Batches of a tape, for `host.tape`. */
import type { BatchBody } from '../detections/record.ts';
import { openTape, sourceOf } from '../replay/read-tape.ts';
import type { SeenBatch } from './batches.ts';

/**
 * The batches of a file that `heldar tape export` wrote, with their frames and the times between them. Control records of the tape, such
 * as an edited zone, are left out: what they change, a test changes through routes. `heldar replay --tape` takes them all.
 * @throws HeldarError `usage` when there is no such file, `tape_invalid` naming line and cause.
 * @example
 * await host.tape(await recordedBatches('test/gate.jsonl.gz'));
 */
export async function recordedBatches(file: string): Promise<SeenBatch[]> {
  const tape = await openTape(file);
  await tape.verify();
  const batches: SeenBatch[] = [];
  let before: number | null = null;
  for await (const rows of sourceOf(tape).pages())
    for (const { kind, camera_id: camera, type, frame_id: frameId, received, body } of rows) {
      if (kind !== 'batch' || camera === null || body === null) continue;
      const { detections } = JSON.parse(body) as BatchBody;
      batches.push({
        camera,
        taskType: type,
        detections: detections as SeenBatch['detections'],
        afterMs: before === null ? 0 : received - before,
        ...(frameId === null ? {} : { frameId }),
      });
      before = received;
    }
  return batches;
}
