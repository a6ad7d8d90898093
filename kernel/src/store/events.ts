/** Rows of the event journal: the only place where an event is born. */
import { eventTime } from '../events/event-time.ts';
import type { NewEvent, StepCause } from './units.ts';
import type { WriteContext } from './write-context.ts';

/** How an event came about. */
export interface EventOrigin {
  /** The consumer that emitted it; null: a worker. */
  readonly consumer: { readonly id: number; readonly epoch: number; readonly lane: number } | null;
  readonly cause: StepCause | null;
}

/**
 * `origin` absent: of the kernel, or of a plugin's route, job or handler.
 * @throws HeldarError `effect_refused` when its time can't be told.
 */
export function insertEvent(ctx: WriteContext, event: NewEvent, origin?: EventOrigin): void {
  const { consumer, cause } = origin ?? { consumer: null, cause: null };
  ctx
    .sql(
      `INSERT INTO events (id, camera_id, site_id, event_type, severity, at_ms, payload, created_at, source,
         consumer_id, epoch, lane, cause, cause_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      event.id,
      event.cameraId,
      event.siteId,
      event.type,
      event.severity,
      eventTime(event.atMs, event.source),
      event.payload,
      ctx.now,
      event.source,
      consumer?.id ?? null,
      consumer?.epoch ?? null,
      consumer?.lane ?? null,
      cause?.kind ?? null,
      cause?.at ?? null,
    );
}

/** Appends events of the kernel itself. */
export function appendEvents(ctx: WriteContext, events: readonly NewEvent[]): void {
  for (const event of events) insertEvent(ctx, event);
}

/** Deletes at most `limit` events older than `before` (ms) that every handler has passed; answers how many went. */
export function pruneEvents(ctx: WriteContext, args: { before: number; limit: number }): number {
  return ctx
    .sql(
      `DELETE FROM events WHERE seq IN (
         SELECT seq FROM events
         WHERE created_at < ? AND seq <= coalesce((
           SELECT min(coalesce(l.seq, c.start_seq)) FROM consumers c
           LEFT JOIN lanes l ON l.consumer_id = c.id WHERE c.kind = 'handler'), 9007199254740991)
         ORDER BY seq LIMIT ?)`,
    )
    .run(args.before, args.limit).changes;
}
