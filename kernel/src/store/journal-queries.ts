/** What people and streams read from the event journal: pages newest first, and runs in order of sequence. */
import { and, desc, eq, gte, lte, sql, type SQL } from 'drizzle-orm';
import { events } from './schema.ts';
import type { ReadDb } from './store.ts';

export type EventRow = typeof events.$inferSelect;

/** Exact matches, all of which must hold. */
export interface EventFilter {
  readonly cameraId?: string | undefined;
  readonly eventType?: string | undefined;
  readonly severity?: string | undefined;
  /** The caller's cameras. */
  readonly owned: SQL;
}

export interface EventPage extends EventFilter {
  /** ms since the epoch, inclusive. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Sequence of the last event of the page before. */
  readonly after?: number | undefined;
  readonly limit: number;
}

/** Newest first by time, then by sequence, so that pages neither repeat nor leave out an event. */
export function listEvents(db: ReadDb, page: EventPage): EventRow[] {
  return db
    .select()
    .from(events)
    .where(
      and(
        matching(page),
        page.from === undefined ? undefined : gte(events.atMs, page.from),
        page.to === undefined ? undefined : lte(events.atMs, page.to),
        page.after === undefined ? undefined : behind(db, page.after),
      ),
    )
    .orderBy(desc(events.atMs), desc(events.seq))
    .limit(page.limit)
    .all();
}

/** Later in a list than that event; when retention took it meanwhile, all that are older in the journal. */
function behind(db: ReadDb, seq: number): SQL {
  const last = db.select({ atMs: events.atMs }).from(events).where(eq(events.seq, seq)).get();
  return last === undefined
    ? sql`${events.seq} < ${seq}`
    : sql`(${events.atMs}, ${events.seq}) < (${last.atMs}, ${seq})`;
}

export interface EventRun {
  /** In order of sequence. */
  readonly rows: readonly EventRow[];
  /** Everything up to here has been looked at. */
  readonly upTo: number;
}

/** How much a run takes at once. */
export interface RunBounds {
  /** Rows looked at, so that a filter that finds nothing costs little. */
  readonly scanned: number;
  /** Bytes of payload, so that a run of large events fits into memory; one event always goes. */
  readonly bytes: number;
}

/** Events behind `after`, at most up to `head`. */
export function readJournal(
  db: ReadDb,
  run: EventFilter & { readonly after: number; readonly head: number } & RunBounds,
): EventRun {
  const scanned = Math.min(run.head, run.after + run.scanned);
  // The unary plus keeps the planner on the sequence; by the other indexes it would have to sort.
  const within = (upTo: number) =>
    and(sql`${events.seq} > ${run.after} AND ${events.seq} <= ${upTo}`, matching(run, sql`+`));
  const sizes = db
    .select({ seq: events.seq, bytes: sql<number>`octet_length(${events.payload})` })
    .from(events)
    .where(within(scanned))
    .orderBy(events.seq)
    .all();
  const last = lastThatFits(sizes, run.bytes);
  if (last === null) return { rows: [], upTo: scanned };
  const rows = db.select().from(events).where(within(last)).orderBy(events.seq).all();
  return { rows, upTo: last === sizes.at(-1)?.seq ? scanned : last };
}

function lastThatFits(sizes: readonly { seq: number; bytes: number }[], limit: number): number | null {
  let total = 0;
  let last: number | null = null;
  for (const { seq, bytes } of sizes) {
    total += bytes;
    if (last !== null && total > limit) break;
    last = seq;
  }
  return last;
}

/** Sequence of the newest event, 0 when there was none. */
export function journalHead(db: ReadDb): number {
  const row = db.get<{ seq: number }>(sql`SELECT coalesce(max(seq), 0) AS seq FROM events`);
  return row.seq;
}

function matching(filter: EventFilter, plus: SQL = sql``): SQL | undefined {
  const { cameraId, eventType, severity, owned } = filter;
  return and(
    owned,
    cameraId === undefined ? undefined : sql`${plus}${events.cameraId} = ${cameraId}`,
    eventType === undefined ? undefined : sql`${plus}${events.eventType} = ${eventType}`,
    severity === undefined ? undefined : sql`${plus}${events.severity} = ${severity}`,
  );
}
