/** POST /api/v1/ai/events: batches of detections from AI workers. */
import { z, type Json } from '@heldar/plugin-sdk';
import type { Ingest } from '../../detections/ingest.ts';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';

/** Stored as it came; null counts as absent. */
const anyJson = z.custom<Json | undefined>(() => true);
const textOrNull = z.string().nullish().default(null);

const detection = z.object({
  label: textOrNull,
  confidence: z.number().nullish().default(null),
  bbox: anyJson.optional().transform((value) => value ?? null),
  track_id: textOrNull,
  attributes: anyJson.optional().transform((value) => value ?? {}),
});

const body = z
  .object({
    camera_id: z.string(),
    task_type: z.string().refine((text) => text.trim() !== '', 'must not be blank'),
    timestamp: textOrNull,
    frame_id: textOrNull,
    detections: z.array(detection).max(1000, 'at most 1000 detections in a batch').default([]),
    event: z
      .object({
        event_type: z.string(),
        severity: z
          .string()
          .nullish()
          .transform((severity) => severity ?? 'info'),
        payload: anyJson.optional().transform((value) => value ?? {}),
      })
      .nullish()
      .default(null),
  })
  .meta({ id: 'NewBatch' });

export function ingestRoutes({ ingest }: { ingest: Ingest }): KernelRoute[] {
  return [
    kernelRoute.post('/api/v1/ai/events', {
      summary: 'Ingest a batch of detections and/or one event',
      capability: 'ingest',
      scope: { camera: 'body.camera_id' },
      audit: { none: 'what workers send is the log itself, and keeps each batch as it came' },
      body,
      output: z.object({ detections_ingested: z.number().int(), duplicate: z.literal(true).optional() }),
      handle: ({ body: request }) => ingest.accept(request),
    }),
  ];
}
