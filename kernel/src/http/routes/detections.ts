/** Reading the detection store: detections of a camera, and the outbox of batches. */
import { formatRfc3339, z } from '@heldar/plugin-sdk';
import { HeldarError } from '../../errors.ts';
import type { DetectionQueries, StoredDetection } from '../../store/detection-queries.ts';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';
import { limitParam, timeParam } from '../query-params.ts';

const detection = z
  .object({
    id: z.string(),
    camera_id: z.string(),
    task_type: z.string(),
    timestamp: z.string(),
    label: z.string().nullable(),
    confidence: z.number().nullable(),
    bbox: z.unknown(),
    track_id: z.string().nullable(),
    attributes: z.unknown(),
    frame_id: z.string().nullable(),
    created_at: z.string(),
  })
  .meta({ id: 'StoredDetection' });

const outboxEntry = z
  .object({
    seq: z.number().int(),
    topic: z.literal('detections'),
    camera_id: z.string().nullable(),
    site_id: z.string().nullable(),
    frame_id: z.string().nullable(),
    task_type: z.string().nullable(),
    detection_count: z.number().int(),
    created_at: z.string(),
  })
  .meta({ id: 'OutboxEntry' });

const ever = {
  from: { ms: Number.MIN_SAFE_INTEGER, ns: 0 },
  to: { ms: Number.MAX_SAFE_INTEGER, ns: 999_999 },
};

export function detectionRoutes(deps: {
  detections: DetectionQueries;
  incarnationOf(cameraId: string): number | undefined;
}): KernelRoute[] {
  return [
    kernelRoute.get('/api/v1/cameras/:id/detections', {
      summary: 'Stored detections of a camera, newest first',
      capability: 'view',
      scope: { camera: 'params.id' },
      params: z.object({ id: z.string() }),
      query: z.object({
        from: timeParam(),
        to: timeParam(),
        label: z.string().optional(),
        limit: limitParam(200, 1, 5000),
      }),
      output: z.array(detection),
      handle({ params, query }) {
        const incarnation = deps.incarnationOf(params.id);
        if (incarnation === undefined) throw new HeldarError('not_found', `camera ${params.id} not found`);
        const { from = ever.from, to = ever.to, label = null, limit } = query;
        if (from.ms > to.ms || (from.ms === to.ms && from.ns > to.ns))
          throw new HeldarError('bad_request', 'from: must not be later than to');
        return deps.detections
          .list({ incarnation, from, to, label, limit })
          .map((found) => viewOf(params.id, found));
      },
    }),
    kernelRoute.get('/api/v1/outbox', {
      summary: 'Committed batches after a cursor, ascending',
      capability: 'admin',
      scope: { none: 'a cursor over the batches of all cameras, for administrators' },
      audit: { action: 'read_outbox', target: 'outbox', sometimes: true },
      query: z.object({
        since_seq: limitParam(0, 0, Number.MAX_SAFE_INTEGER),
        limit: limitParam(100, 1, 1000),
      }),
      output: z.object({
        entries: z.array(outboxEntry),
        next_seq: z.number().int().nullable(),
        count: z.number().int(),
      }),
      async handle({ query, accessed }) {
        const entries = deps.detections.outbox(query.since_seq, query.limit).map((row) => ({
          seq: row.seq,
          topic: 'detections' as const,
          camera_id: row.camera_id,
          site_id: row.site_id,
          frame_id: row.frame_id,
          task_type: row.type,
          detection_count: row.n,
          created_at: formatRfc3339(row.received),
        }));
        const { since_seq: since, limit } = query;
        const detail = { since_seq: since, limit, returned: entries.length };
        if (entries.length > 0) await accessed(`since:${since}`, { detail });
        return { entries, next_seq: entries.at(-1)?.seq ?? null, count: entries.length };
      },
    }),
  ];
}

function viewOf(
  cameraId: string,
  { id, taskType, at, frameId, received, detection: found }: StoredDetection,
) {
  return {
    id,
    camera_id: cameraId,
    task_type: taskType,
    timestamp: formatRfc3339(at.ms, at.ns),
    label: found.label,
    confidence: found.confidence,
    bbox: found.bbox,
    track_id: found.track_id,
    attributes: found.attributes,
    frame_id: frameId,
    created_at: formatRfc3339(received),
  };
}
