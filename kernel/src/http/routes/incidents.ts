/** Evidence over HTTP: segments that retention must not touch, and the incidents they belong to. */
import { formatRfc3339, reply, z, type CameraScope } from '@heldar/plugin-sdk';
import type { Clock } from '../../clock.ts';
import { HeldarError } from '../../errors.ts';
import { segments } from '../../store/schema.ts';
import { listIncidents, listIncidentSegments, readSegment } from '../../store/segment-queries.ts';
import type { Store } from '../../store/store.ts';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';
import { limitParam } from '../query-params.ts';
import {
  nextPageHeader,
  pageOf,
  segmentCursorParam,
  segmentOutput,
  segmentViews,
  type SegmentView,
} from '../segment-view.ts';

const params = z.object({ id: z.string() });
const tagBody = z.object({ incident_id: z.string().nullish() }).meta({ id: 'IncidentTag' });
const incidentOutput = z
  .object({
    incident_id: z.string(),
    segment_count: z.int(),
    total_bytes: z.int(),
    oldest_start: z.string(),
    newest_end: z.string(),
  })
  .meta({ id: 'Incident' });

export function incidentRoutes({
  store,
  clock,
}: {
  store: Pick<Store, 'read' | 'write'>;
  clock: Clock;
}): KernelRoute[] {
  /** One that is not there and one of a camera the caller may not see answer alike. */
  const view = (id: string, cameras: CameraScope): SegmentView => {
    const row = readSegment(store.read, id);
    const [shown] =
      row !== undefined && cameras.includes(row.cameraId) ? segmentViews(store.read, [row], clock.now()) : [];
    if (shown === undefined) throw new HeldarError('not_found', 'there is no such segment');
    return shown;
  };
  const common = {
    capability: 'manage_registry',
    scope: { rows: 'cameras' },
    params,
    output: segmentOutput,
  } as const;

  return [
    kernelRoute.post('/api/v1/segments/:id/evidence-lock', {
      ...common,
      summary: 'Hold a segment as evidence: retention never deletes it. An incident given replaces its tag',
      audit: { action: 'evidence_lock_segment', target: 'segment' },
      body: tagBody,
      async handle({ params: { id }, body, cameras, audit }) {
        const { camera_id: camera } = view(id, cameras);
        const incidentId = tagOf(body.incident_id);
        const row = audit(id, { camera, detail: { incident_id: incidentId } });
        await store.write('segments.hold', { id, held: true, incidentId }, row);
        return view(id, cameras);
      },
    }),
    kernelRoute.delete('/api/v1/segments/:id/evidence-lock', {
      ...common,
      summary: 'Release a segment that was held as evidence; its tag stays',
      audit: { action: 'evidence_unlock_segment', target: 'segment' },
      async handle({ params: { id }, cameras, audit }) {
        const { camera_id: camera } = view(id, cameras);
        await store.write('segments.hold', { id, held: false, incidentId: null }, audit(id, { camera }));
        return view(id, cameras);
      },
    }),
    kernelRoute.patch('/api/v1/segments/:id/incident', {
      ...common,
      summary:
        'Set the incident of a segment, or clear it with null, blank or nothing; a hold stays as it is',
      audit: { action: 'tag_segment_incident', target: 'segment' },
      body: tagBody,
      async handle({ params: { id }, body, cameras, audit }) {
        const { camera_id: camera } = view(id, cameras);
        const incidentId = tagOf(body.incident_id);
        const row = audit(id, { camera, detail: { incident_id: incidentId } });
        await store.write('segments.tag', { id, incidentId }, row);
        return view(id, cameras);
      },
    }),
    kernelRoute.get('/api/v1/incidents', {
      summary: 'Incidents, that with the newest footage first',
      capability: 'view',
      scope: { rows: 'cameras' },
      output: z.array(incidentOutput),
      handle: ({ cameras }) =>
        listIncidents(store.read, cameras.owns(segments.cameraId)).map((incident) => ({
          incident_id: incident.incidentId,
          segment_count: incident.segmentCount,
          total_bytes: incident.totalBytes,
          oldest_start: formatRfc3339(incident.oldestStart),
          newest_end: formatRfc3339(incident.newestEnd),
        })),
    }),
    kernelRoute.get('/api/v1/incidents/:incident_id/segments', {
      summary: 'Segments of an incident, oldest first; of an unknown one none',
      capability: 'view',
      scope: { rows: 'cameras' },
      params: z.object({ incident_id: z.string() }),
      query: z.object({ limit: limitParam(5000, 1, 5000), after: segmentCursorParam() }),
      output: z.array(segmentOutput),
      replies: { 200: { description: 'The segments.', headers: nextPageHeader } },
      handle({ params: { incident_id: incidentId }, query: { limit, after }, cameras }) {
        const owned = cameras.owns(segments.cameraId);
        const rows = listIncidentSegments(store.read, incidentId, owned, limit + 1, after);
        const { shown, headers } = pageOf(rows, limit, {
          path: `/api/v1/incidents/${encodeURIComponent(incidentId)}/segments`,
          query: { limit: String(limit) },
        });
        return reply({
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify(segmentViews(store.read, shown, clock.now())),
        });
      },
    }),
  ];
}

/** Blank counts as none. */
function tagOf(text: string | null | undefined): string | null {
  const trimmed = text?.trim() ?? '';
  return trimmed === '' ? null : trimmed;
}
