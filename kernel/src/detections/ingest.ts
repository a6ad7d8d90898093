/** What an accepted POST of a worker becomes: one log row with the whole batch, durable before the answer. */
import { parseRfc3339, type Json } from '@heldar/plugin-sdk';
import { HeldarError } from '../errors.ts';
import { asUuid, newHex } from '../ids.ts';
import type { Store } from '../store/store.ts';
import type { BatchBody } from './record.ts';

/** The request, checked for shape: absent and null members are null. */
export interface IngestRequest {
  readonly camera_id: string;
  readonly task_type: string;
  readonly timestamp: string | null;
  readonly frame_id: string | null;
  readonly detections: readonly {
    readonly label: string | null;
    readonly confidence: number | null;
    readonly bbox: Json;
    readonly track_id: string | null;
    readonly attributes: Json;
  }[];
  readonly event: { readonly event_type: string; readonly severity: string; readonly payload: Json } | null;
}

export interface IngestAnswer {
  detections_ingested: number;
  duplicate?: true;
}

/** What the kernel keeps of a batch on its way to the dispatcher, so that it is parsed once. */
export interface IngestedBatch {
  readonly cameraId: string;
  readonly body: BatchBody;
}

export interface IngestLimits {
  /** Units waiting for the writer. */
  readonly units: number;
  /** Characters of batch bodies waiting for the writer. */
  readonly bytes: number;
}

/** At 5,000 batches a second the queue holds less than one; beyond the limit clients are asked to come again. */
export const ingestLimits: IngestLimits = { units: 4096, bytes: 64 * 1024 * 1024 };

export interface Ingest {
  accept(request: IngestRequest): Promise<IngestAnswer>;
  readonly counters: IngestCounters;
}

export interface IngestCounters {
  batches: number;
  duplicates: number;
  detections: number;
  refusedBusy: number;
}

export function createIngest(options: {
  store: Store;
  limits?: IngestLimits;
  /** The camera as the registry knows it; undefined: no such camera. */
  camera(id: string): { incarnation: number; siteId: string | null } | undefined;
  /** The sampled frame that `frameId` names, else the newest; null: none at hand. */
  frameOf(cameraId: string, frameId: string | null): { capturedAt: number } | null;
}): Ingest {
  const { store, limits = ingestLimits } = options;
  const counters = { batches: 0, duplicates: 0, detections: 0, refusedBusy: 0 };

  const accept = async (request: IngestRequest): Promise<IngestAnswer> => {
    const camera = options.camera(request.camera_id);
    if (camera === undefined) throw noCamera(request.camera_id);
    const { committer } = store;
    if (committer.depth >= limits.units || committer.pendingBytes >= limits.bytes) {
      counters.refusedBusy += 1;
      throw new HeldarError('busy', 'too many batches are waiting to be stored; send this one again', {
        details: { retryAfterS: 1 },
      });
    }
    refuseBrokenText(request);
    const at = captureTime(request.timestamp, committer.logNow());
    const frame = options.frameOf(request.camera_id, request.frame_id);
    const body = {
      detections: request.detections as BatchBody['detections'],
      frame: frame === null ? null : { captured_at: frame.capturedAt },
    };
    const stored = await store.commit(
      {
        kind: 'batch',
        incarnation: camera.incarnation,
        siteId: camera.siteId,
        taskType: request.task_type,
        frameId: request.frame_id,
        atMs: at.ms,
        atNs: at.ns,
        n: request.detections.length,
        body: JSON.stringify(body),
        labels: distinctLabels(request),
        event: request.event === null ? null : workerEvent(request, camera.siteId, committer.logNow()),
      },
      { cameraId: request.camera_id, body } satisfies IngestedBatch,
    );
    if ('gone' in stored) throw noCamera(request.camera_id);
    if ('duplicate' in stored) {
      counters.duplicates += 1;
      return { detections_ingested: 0, duplicate: true };
    }
    counters.batches += 1;
    counters.detections += request.detections.length;
    return { detections_ingested: request.detections.length };
  };
  return { accept, counters };
}

function noCamera(id: string): HeldarError {
  return new HeldarError('not_found', `camera ${id} not found`);
}

function captureTime(timestamp: string | null, now: number): { ms: number; ns: number } {
  if (timestamp === null) return { ms: now, ns: 0 };
  const parsed = parseRfc3339(timestamp);
  if (parsed === undefined)
    throw new HeldarError(
      'bad_request',
      'timestamp: expected RFC 3339 with seconds and offset, e.g. 2026-01-31T08:15:31.120Z',
    );
  return parsed;
}

/**
 * SQLite keeps text as UTF-8, which has no place for half of a surrogate pair: two keys or labels that differ only there would become
 * one. In members of any shape it may stand: those are kept as JSON, where it is an escape.
 */
function refuseBrokenText({ task_type, frame_id, detections, event }: IngestRequest): void {
  if (isBroken(task_type)) throw brokenText('task_type');
  if (isBroken(frame_id)) throw brokenText('frame_id');
  if (isBroken(event?.event_type)) throw brokenText('event.event_type');
  if (isBroken(event?.severity)) throw brokenText('event.severity');
  for (const [index, { label, track_id }] of detections.entries()) {
    if (isBroken(label)) throw brokenText(`detections[${index}].label`);
    if (isBroken(track_id)) throw brokenText(`detections[${index}].track_id`);
  }
}

function isBroken(text: string | null | undefined): boolean {
  return text?.isWellFormed() === false;
}

function brokenText(field: string): HeldarError {
  return new HeldarError('bad_request', `${field}: half of a surrogate pair stands alone`);
}

function distinctLabels(request: IngestRequest): string[] {
  const labels = new Set<string>();
  for (const { label } of request.detections) if (label !== null) labels.add(label);
  return [...labels];
}

function workerEvent(request: IngestRequest, siteId: string | null, now: number) {
  const { event_type, severity, payload } = request.event ?? {
    event_type: '',
    severity: 'info',
    payload: {},
  };
  return {
    id: asUuid(newHex(now)),
    cameraId: request.camera_id,
    siteId,
    type: event_type,
    severity,
    atMs: now,
    payload: JSON.stringify(payload),
    source: 'worker',
  };
}
