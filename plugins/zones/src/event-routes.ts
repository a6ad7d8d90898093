/** The route over zone events: newest first, filtered by time, zone and type. */
import { type Instant, invalid, parseRfc3339, type Route, route, z } from '@heldar/plugin-sdk';
import { and, desc, eq, gte, lte } from 'drizzle-orm';
import type { ZoneMessages, ZoneRecords } from './messages.ts';
import { type Database, zoneEvents } from './schema.ts';
import { viewZoneEvent, zoneEventView } from './views.ts';

// `limit` is decoded with the request; the bounds are judged by the handler, once the camera is known to exist.
const limitParam = z
  .string()
  .meta({ type: 'integer', default: 200, 'x-clamp': [1, 5000] })
  .optional()
  .transform((text = '200', context): number => {
    if (/^[+-]?\d+$/.test(text)) return Math.min(5000, Math.max(1, Number(text)));
    context.issues.push({
      code: 'invalid_type',
      expected: 'int',
      input: text,
      message: 'expected a whole number',
    });
    return z.NEVER;
  });
const timeText = z.string().meta({ format: 'date-time' }).optional();
const query = z.object({
  from: timeText.describe('inclusive; + is written %2B'),
  to: timeText.describe('inclusive; + is written %2B'),
  zone_id: z.string().optional(),
  event_type: z.string().optional().describe('enter, exit or dwell'),
  limit: limitParam,
});

export function zoneEventsRoute(db: Database): Route<ZoneMessages, ZoneRecords> {
  return route.get('/api/v1/cameras/:id/zone-events', {
    summary: 'Zone events of a camera, newest first',
    capability: 'view',
    scope: { camera: 'params.id' },
    params: z.object({ id: z.string() }),
    query,
    output: z.array(zoneEventView),
    handle: ({ params, query: { from, to, zone_id: zoneId, event_type: eventType, limit } }) =>
      db
        .select()
        .from(zoneEvents)
        .where(
          and(
            eq(zoneEvents.cameraId, params.id),
            from === undefined ? undefined : gte(zoneEvents.atMs, firstMs(readBound('from', from))),
            to === undefined ? undefined : lte(zoneEvents.atMs, readBound('to', to).ms),
            zoneId === undefined ? undefined : eq(zoneEvents.zoneId, zoneId),
            eventType === undefined ? undefined : eq(zoneEvents.eventType, eventType as 'enter'),
          ),
        )
        .orderBy(desc(zoneEvents.atMs), desc(zoneEvents.id))
        .limit(limit)
        .all()
        .map(viewZoneEvent),
  });
}

function readBound(name: string, text: string): Instant {
  const instant = parseRfc3339(text);
  if (instant) return instant;
  throw invalid(name, 'must be a time like 2026-01-31T12:00:00Z; write the + of an offset as %2B');
}

/** The first whole millisecond that is not before `instant`. */
function firstMs({ ms, ns }: Instant): number {
  return ns > 0 ? ms + 1 : ms;
}
