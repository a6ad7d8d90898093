/** Holes in intended recording time as they were noted, over HTTP: read, and put back into the queue of re-filling. */
import { formatRfc3339, z } from '@heldar/plugin-sdk';
import { HeldarError } from '../../errors.ts';
import { listGaps, readGap, type GapRow } from '../../store/gap-queries.ts';
import type { Store } from '../../store/store.ts';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';
import { limitParam } from '../query-params.ts';

const nullableText = z.string().nullable();
const gapOutput = z
  .object({
    id: z.string(),
    camera_id: z.string(),
    gap_start: z.string(),
    gap_end: z.string(),
    gap_seconds: z.int(),
    cause: z.string(),
    fill_state: z.enum(['pending', 'filled', 'failed']),
    fill_attempts: z.int(),
    last_attempt_at: nullableText,
    filled_at: nullableText,
    created_at: z.string(),
  })
  .meta({ id: 'RecordingGap' });

export function recordingGapRoutes({ store }: { store: Pick<Store, 'read' | 'write'> }): KernelRoute[] {
  return [
    kernelRoute.get('/api/v1/cameras/:id/recording-gaps', {
      summary: 'Holes in intended recording time, newest first; `state` is that of re-filling',
      capability: 'view',
      scope: { camera: 'params.id' },
      params: z.object({ id: z.string() }),
      query: z.object({ state: z.string().optional(), limit: limitParam(500, 1, 5000) }),
      output: z.array(gapOutput),
      handle: ({ params, query }) => listGaps(store.read, params.id, query.state, query.limit).map(gapView),
    }),
    kernelRoute.post('/api/v1/cameras/:id/recording-gaps/:gap_id/retry', {
      summary: 'Put a gap back into the queue of those to be re-filled',
      capability: 'manage_registry',
      scope: { camera: 'params.id' },
      audit: { action: 'anr_retry_gap', target: 'recording_gap' },
      params: z.object({ id: z.string(), gap_id: z.string() }),
      output: gapOutput,
      async handle({ params: { id, gap_id: gapId }, audit }) {
        const isThere = await store.write('gaps.retry', { id: gapId, cameraId: id }, audit(gapId));
        const row = isThere ? readGap(store.read, gapId) : undefined;
        if (row === undefined) throw new HeldarError('not_found', `camera ${id} has no such recording gap`);
        return gapView(row);
      },
    }),
  ];
}

function gapView(row: GapRow) {
  return {
    id: row.id,
    camera_id: row.cameraId,
    gap_start: formatRfc3339(row.startTime),
    gap_end: formatRfc3339(row.endTime),
    gap_seconds: Math.floor((row.endTime - row.startTime) / 1000),
    cause: row.cause,
    fill_state: row.fillState,
    fill_attempts: row.fillAttempts,
    last_attempt_at: timeOrNull(row.lastAttemptAt),
    filled_at: timeOrNull(row.filledAt),
    created_at: formatRfc3339(row.createdAt),
  };
}

function timeOrNull(ms: number | null): string | null {
  return ms === null ? null : formatRfc3339(ms);
}
