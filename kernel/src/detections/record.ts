/** A record of the log as the dispatcher hands it out: parsed once, frozen, shared by all consumers. */
import type { Batch, ControlRecord, Detection, Json } from '@heldar/plugin-sdk';
import type { LogRow } from '../store/log-queries.ts';

export type LogRecord =
  | {
      readonly kind: 'batch';
      readonly seq: number;
      readonly incarnation: number;
      readonly received: number;
      readonly batch: Batch;
    }
  | {
      readonly kind: 'record';
      readonly seq: number;
      readonly incarnation: number | null;
      readonly received: number;
      readonly record: ControlRecord;
    };

/** What the body of a batch holds in the log. */
export interface BatchBody {
  readonly detections: readonly Detection[];
  /** The sampled frame at hand when the batch arrived. */
  readonly frame: { readonly captured_at: number } | null;
}

/** Parses a row; null when its body was emptied because its camera is gone. */
export function parseLogRow(row: LogRow): LogRecord | null {
  const { seq, received, incarnation } = row;
  if (row.body === null) return null;
  if (row.kind === 'record') {
    const payload = JSON.parse(row.body) as Json;
    const record = { seq, type: row.type, cameraId: row.camera_id, received, payload };
    return { kind: 'record', seq, incarnation, received, record: freezeDeep(record) };
  }
  if (incarnation === null || row.camera_id === null) return null;
  const body = JSON.parse(row.body) as BatchBody;
  const batch = makeBatch(row.camera_id, row, body);
  return { kind: 'batch', seq, incarnation, received, batch };
}

/** A batch as consumers see it. */
export function makeBatch(
  cameraId: string,
  row: Pick<LogRow, 'seq' | 'site_id' | 'type' | 'frame_id' | 'at_ms' | 'received'>,
  body: BatchBody,
): Batch {
  return freezeDeep({
    seq: row.seq,
    cameraId,
    siteId: row.site_id,
    taskType: row.type,
    frameId: row.frame_id,
    timestamp: row.at_ms,
    received: row.received,
    frame: body.frame === null ? null : { capturedAt: body.frame.captured_at },
    detections: body.detections,
  });
}

/** Freezes JSON-like data, so that one consumer's changes can't reach another or a replay. */
export function freezeDeep<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) freezeDeep(member);
  return Object.freeze(value);
}
