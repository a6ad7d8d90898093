/** What do zones and zone events look like in answers and in control records? */
import { formatRfc3339, z } from '@heldar/plugin-sdk';
import type { ZoneChange } from './messages.ts';
import type { ZoneEventRow, ZoneRow } from './schema.ts';

const time = z.string().describe('RFC 3339, UTC');

export const zoneView = z
  .object({
    id: z.string(),
    camera_id: z.string(),
    name: z.string(),
    kind: z.string(),
    polygon: z.array(z.tuple([z.number(), z.number()])),
    dwell_seconds: z.number(),
    labels: z.array(z.string()),
    severity: z.enum(['info', 'warning', 'critical']),
    config: z.unknown(),
    enabled: z.boolean(),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'Zone' });

export const zoneEventView = z
  .object({
    id: z.string(),
    camera_id: z.string(),
    zone_id: z.string(),
    zone_name: z.string(),
    track_id: z.string(),
    event_type: z.enum(['enter', 'exit', 'dwell']),
    label: z.string(),
    timestamp: time,
    dwell_seconds: z.number().nullable(),
    evidence_path: z.string().nullable(),
    created_at: time,
  })
  .meta({ id: 'ZoneEvent' });

export function viewZone(row: ZoneRow): z.output<typeof zoneView> {
  return {
    ...recordZone(row),
    created_at: formatRfc3339(row.createdAt),
    updated_at: formatRfc3339(row.updatedAt),
  };
}

/** The zone of a `zone_changed` record: as in answers, but with times in ms. */
export function recordZone(row: ZoneRow): NonNullable<ZoneChange['zone']> {
  return {
    id: row.id,
    camera_id: row.cameraId,
    name: row.name,
    kind: row.kind,
    polygon: row.polygon,
    dwell_seconds: row.dwellSeconds,
    labels: row.labels,
    severity: row.severity,
    config: row.config,
    enabled: row.enabled,
    created_at: row.createdAt,
    updated_at: row.updatedAt,
  };
}

export function viewZoneEvent(row: ZoneEventRow): z.output<typeof zoneEventView> {
  return {
    id: row.id,
    camera_id: row.cameraId,
    zone_id: row.zoneId,
    zone_name: row.zoneName,
    track_id: row.trackId,
    event_type: row.eventType,
    label: row.label,
    timestamp: formatRfc3339(row.atMs),
    dwell_seconds: row.dwellSeconds,
    evidence_path: row.evidencePath,
    created_at: formatRfc3339(row.createdAt),
  };
}
