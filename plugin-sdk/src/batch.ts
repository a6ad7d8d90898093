/** What reaches a consumer: batches of detections and control records, both from the detection log. */
import type { JsonObject, Json } from './schema.ts';

/** One detected object in one frame. */
export interface Detection<Attributes = JsonObject> {
  readonly label: string | null;
  /** As the worker sent it, normally 0..1. */
  readonly confidence: number | null;
  /** Normally `[x, y, w, h]`, normalised to 0..1 with the origin at the top left; stored unchecked. */
  readonly bbox: Json;
  readonly track_id: string | null;
  readonly attributes: Attributes;
}

/** One accepted POST of an AI worker: the detections of one frame of one camera. */
export interface Batch<TaskType extends string = string, Attributes = JsonObject> {
  /** Position in the log; strictly increasing, never reused. */
  readonly seq: number;
  readonly cameraId: string;
  readonly siteId: string | null;
  readonly taskType: TaskType;
  readonly frameId: string | null;
  /** Capture time as the worker gave it, ms since the epoch (server time when it gave none). */
  readonly timestamp: number;
  /** When the kernel took the batch, ms since the epoch; never decreases along the log. */
  readonly received: number;
  /** The sampled frame that was at hand when the batch arrived; null when there was none. */
  readonly frame: { readonly capturedAt: number } | null;
  readonly detections: readonly Detection<Attributes>[];
}

/** A change that consumers must see in order with the batches: a zone edited, a camera deleted. */
export interface ControlRecord<Type extends string = string, Payload = Json> {
  readonly seq: number;
  readonly type: Type;
  /** null: the record concerns no single camera and reaches only consumers with `order: 'all'`. */
  readonly cameraId: string | null;
  readonly received: number;
  readonly payload: Payload;
}

/** Records the kernel itself writes; every consumer receives those of its cameras. */
export interface KernelRecords {
  'camera.created': { readonly camera_id: string };
  'camera.updated': { readonly camera_id: string };
  /** The last record of that camera's lane; the lane's state is dropped after it. */
  'camera.deleted': { readonly camera_id: string };
}
