/** The event journal over HTTP: pages of it, and a stream of it. */
import { reply, z, type CameraScope, type Instant } from '@heldar/plugin-sdk';
import type { Clock } from '../../clock.ts';
import { HeldarError } from '../../errors.ts';
import { journalHead, listEvents, type EventFilter } from '../../store/journal-queries.ts';
import { events as eventTable } from '../../store/schema.ts';
import type { ReadDb } from '../../store/store.ts';
import { createEventStream, presentEvent, type JournalNews } from '../event-stream.ts';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';
import { limitParam, positionParam, timeParam } from '../query-params.ts';

const filters = {
  camera_id: z.string().optional(),
  event_type: z.string().optional(),
  severity: z.string().optional(),
};

const event = z
  .object({
    id: z.string(),
    camera_id: z.string().nullable(),
    site_id: z.string().nullable(),
    event_type: z.string(),
    severity: z.string(),
    timestamp: z.string(),
    payload: z.unknown(),
    created_at: z.string(),
  })
  .meta({ id: 'Event' });

export function eventRoutes(options: { db: ReadDb; clock: Clock; news: JournalNews }): KernelRoute[] {
  const { db } = options;
  return [
    kernelRoute.get('/api/v1/events', {
      summary:
        'The event journal, newest first. `from` and `to` bound the time, inclusive. A page that is full carries the header ' +
        '`x-next-after`: its value as `after` asks for the page behind it.',
      capability: 'view',
      scope: { rows: 'cameras' },
      query: z.object({
        ...filters,
        limit: limitParam(200, 1, 2000),
        from: timeParam(),
        to: timeParam(),
        after: positionParam(),
      }),
      output: z.array(event),
      replies: { 200: { description: 'A page.', headers: { 'x-next-after': '`after` of the next page.' } } },
      handle({ query, cameras }) {
        const rows = listEvents(db, {
          ...filterOf(query, cameras),
          from: query.from === undefined ? undefined : earliestMs(query.from),
          to: query.to?.ms,
          after: query.after,
          limit: query.limit,
        });
        const page = rows.map(presentEvent);
        const last = rows.at(-1);
        if (last === undefined || rows.length < query.limit) return page;
        const headers = { 'content-type': 'application/json', 'x-next-after': String(last.seq) };
        return reply({ headers, body: JSON.stringify(page) });
      },
    }),
    kernelRoute.get('/api/v1/events/stream', {
      summary:
        'The event journal as server-sent events: `id` is the position in the journal, `event` the type, `data` the event. ' +
        'Begins now, or behind the position in `Last-Event-ID` or `last_event_id`.',
      capability: 'view',
      scope: { rows: 'cameras' },
      query: z.object({ ...filters, last_event_id: positionParam() }),
      headers: { 'last-event-id': 'Goes before `last_event_id`.' },
      replies: { 200: { description: 'The stream.', contentType: 'text/event-stream' } },
      handle({ query, cameras, headers, signal }) {
        const head = journalHead(db);
        const asked = readLastEventId(headers['last-event-id']) ?? query.last_event_id ?? head;
        const stream = createEventStream({
          ...options,
          filter: filterOf(query, cameras),
          // A position beyond the end is of another journal: begin now rather than stay silent.
          after: Math.min(asked, head),
          signal,
        });
        return reply({ headers: streamHeaders, body: stream });
      },
    }),
  ];
}

/** `no-transform` and the last one keep proxies from holding events back. */
const streamHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

function filterOf(
  query: { camera_id?: string | undefined; event_type?: string | undefined; severity?: string | undefined },
  cameras: CameraScope,
): EventFilter {
  return {
    cameraId: query.camera_id,
    eventType: query.event_type,
    severity: query.severity,
    owned: cameras.owns(eventTable.cameraId),
  };
}

/** Events have whole milliseconds: one that begins before the bound lies outside. */
function earliestMs({ ms, ns }: Instant): number {
  return ns > 0 ? ms + 1 : ms;
}

/** What a browser sends by itself when it comes back, so it goes before the address, which still holds the first position. */
function readLastEventId(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const position = Number(header);
  if (/^\d+$/.test(header.trim()) && Number.isSafeInteger(position)) return position;
  throw new HeldarError('bad_request', 'Last-Event-ID: expected a whole number');
}
