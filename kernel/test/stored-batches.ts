/** What does a kernel hold of the batches it was sent? As people read it: outbox and detections; and as rows, counted. */
import type { SentBody } from './ingest-bodies.ts';
import type { KernelRig } from './kernel-rig.ts';

export interface Counts {
  readonly batches: number;
  readonly labels: number;
  readonly events: number;
}

export interface ToldBatch {
  readonly camera_id: string;
  readonly task_type: string;
  readonly frame_id: string | null;
  readonly detection_count: number;
  readonly detections: readonly Detection[];
}

export interface Detection {
  readonly id: string;
  readonly camera_id: string;
  readonly task_type: string;
  readonly timestamp: string;
  readonly label: string | null;
  readonly confidence: number | null;
  readonly bbox: unknown;
  readonly track_id: string | null;
  readonly attributes: unknown;
  readonly frame_id: string | null;
  readonly created_at: string;
}

export function count(rig: KernelRig): Counts {
  const [counts] = rig.sql<Counts>(
    `SELECT (SELECT count(*) FROM log WHERE kind = 'batch') AS batches, (SELECT count(*) FROM log_labels) AS labels,
            (SELECT count(*) FROM events) AS events`,
  );
  if (counts === undefined) throw new Error('no counts');
  return counts;
}

export function lastSeq(rig: KernelRig): number {
  return rig.sql<{ seq: number }>('SELECT max(seq) AS seq FROM log')[0]?.seq ?? 0;
}

export async function listDetections(
  rig: KernelRig,
  camera: string,
  query = 'limit=5000',
): Promise<Detection[]> {
  const { status, body } = await rig.call('GET', `/api/v1/cameras/${camera}/detections?${query}`);
  if (status !== 200) throw new Error(`detections of ${camera}: ${status} ${JSON.stringify(body)}`);
  return body as Detection[];
}

/** Batches behind `seq` as the outbox tells, each with its detections as the API tells. */
export async function readBehind(rig: KernelRig, seq: number): Promise<ToldBatch[]> {
  const { body } = await rig.call('GET', `/api/v1/outbox?since_seq=${seq}`);
  const { entries } = body as { entries: (Omit<ToldBatch, 'detections'> & { seq: number })[] };
  const batches = entries.map(async ({ seq: at, camera_id, task_type, frame_id, detection_count }) => {
    const prefix = `det_${at.toString(16).padStart(16, '0')}`;
    const detections = (await listDetections(rig, camera_id)).filter(({ id }) => id.startsWith(prefix));
    return { camera_id, task_type, frame_id, detection_count, detections };
  });
  return Promise.all(batches);
}

/** What a batch must read back as: null is absent, and what may have any shape is as it came. */
export function toldOf(sent: SentBody, timestamp: string) {
  const { camera_id, task_type } = sent;
  const frame_id = sent.frame_id ?? null;
  const detections = (sent.detections ?? []).map((detection) => ({
    camera_id,
    task_type,
    timestamp,
    label: detection.label ?? null,
    confidence: detection.confidence ?? null,
    bbox: detection.bbox ?? null,
    track_id: detection.track_id ?? null,
    attributes: detection.attributes ?? {},
    frame_id,
  }));
  return { camera_id, task_type, frame_id, detection_count: detections.length, detections };
}
