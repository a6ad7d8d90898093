/** Rows of the detection log: batches and control records, in commit order. */
import { insertEvent } from './events.ts';
import type { BatchResult, BatchUnit, NewRecord } from './units.ts';
import type { WriteContext } from './write-context.ts';

/** Appends a batch with its labels and the worker's event; a key that is there already makes it a no-op. */
export function appendBatch(ctx: WriteContext, unit: BatchUnit): BatchResult {
  const inserted = ctx
    .sql(
      `INSERT INTO log (kind, incarnation, site_id, type, frame_id, at_ms, at_ns, received, n, body)
       SELECT 'batch', ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM cameras WHERE incarnation = ?)
       ON CONFLICT (incarnation, frame_id) WHERE frame_id IS NOT NULL DO NOTHING`,
    )
    .run(
      unit.incarnation,
      unit.siteId,
      unit.taskType,
      unit.frameId,
      unit.atMs,
      unit.atNs,
      ctx.now,
      unit.n,
      unit.body,
      unit.incarnation,
    );
  if (inserted.changes === 0) return isLive(ctx, unit.incarnation) ? { duplicate: true } : { gone: true };
  const seq = Number(inserted.lastInsertRowid);
  for (const label of unit.labels)
    ctx
      .sql('INSERT INTO log_labels (incarnation, label, at_ms, at_ns, seq) VALUES (?, ?, ?, ?, ?)')
      .run(unit.incarnation, label, unit.atMs, unit.atNs, seq);
  if (unit.event !== null)
    insertEvent(ctx, unit.event, { consumer: null, cause: { kind: 'record', at: seq } });
  return { seq };
}

function isLive(ctx: WriteContext, incarnation: number): boolean {
  return ctx.sql('SELECT 1 FROM cameras WHERE incarnation = ?').get(incarnation) !== undefined;
}

/** Appends a control record in the transaction of the change it tells of. Of a camera that is gone it is in no camera's lane. */
export function appendRecord(ctx: WriteContext, record: NewRecord): void {
  const incarnation = record.cameraId === null ? null : incarnationOf(ctx, record.cameraId);
  const { lastInsertRowid } = ctx
    .sql(
      `INSERT INTO log (kind, incarnation, type, at_ms, at_ns, received, n, body)
       VALUES ('record', ?, ?, ?, 0, ?, 0, ?)`,
    )
    .run(incarnation, record.type, ctx.now, ctx.now, record.payload);
  ctx.appended.push({
    seq: Number(lastInsertRowid),
    type: record.type,
    cameraId: record.cameraId,
    incarnation,
    received: ctx.now,
    payload: record.payload,
  });
}

function incarnationOf(ctx: WriteContext, cameraId: string): number | null {
  const row = ctx.sql('SELECT incarnation FROM cameras WHERE id = ?').get(cameraId) as
    { incarnation: number } | undefined;
  return row?.incarnation ?? null;
}

/**
 * Deletes at most `limit` log rows received before `before` (ms) and behind the slowest consumer, with their labels; `pastConsumers`
 * passes over those that stand in the way. Answers how many went and, where a consumer holds older rows back or lost some, where it
 * stands.
 */
export function pruneLog(
  ctx: WriteContext,
  args: { before: number; limit: number; pastConsumers: boolean },
): { deleted: number; heldAt: number | null } {
  const slowest = ctx
    .sql(
      `SELECT min(seq) AS seq FROM (
         SELECT l.seq FROM lanes l JOIN consumers c ON c.id = l.consumer_id
          WHERE c.kind = 'consumer' AND (l.lane = 0 OR EXISTS (SELECT 1 FROM log g WHERE g.incarnation = l.lane AND g.seq > l.seq))
         UNION ALL
         SELECT start_seq FROM consumers c WHERE kind = 'consumer' AND ordering = 'all'
           AND NOT EXISTS (SELECT 1 FROM lanes l WHERE l.consumer_id = c.id)
         UNION ALL
         SELECT start_seq FROM consumers c WHERE kind = 'consumer' AND ordering = 'camera'
           AND EXISTS (SELECT 1 FROM camera_incarnations i
                        WHERE NOT EXISTS (SELECT 1 FROM lanes l WHERE l.consumer_id = c.id AND l.lane = i.incarnation)
                          AND EXISTS (SELECT 1 FROM log g WHERE g.incarnation = i.incarnation AND g.seq > c.start_seq)))`,
    )
    .get() as { seq: number | null };
  const ceiling = args.pastConsumers ? Number.MAX_SAFE_INTEGER : (slowest.seq ?? Number.MAX_SAFE_INTEGER);
  const rows = ctx
    .sql('SELECT seq, incarnation, at_ms, at_ns, received FROM log WHERE seq <= ? ORDER BY seq LIMIT ?')
    .all(ceiling, args.limit) as {
    seq: number;
    incarnation: number | null;
    at_ms: number;
    at_ns: number;
    received: number;
  }[];
  let deleted = 0;
  let passed: number | null = null;
  for (const row of rows) {
    if (row.received >= args.before) return { deleted, heldAt: passed };
    const body = ctx.sql('SELECT body FROM log WHERE seq = ?').get(row.seq) as { body: string | null };
    for (const label of labelsOf(body.body))
      ctx
        .sql(
          'DELETE FROM log_labels WHERE incarnation = ? AND label = ? AND at_ms = ? AND at_ns = ? AND seq = ?',
        )
        .run(row.incarnation, label, row.at_ms, row.at_ns, row.seq);
    ctx.sql('DELETE FROM log WHERE seq = ?').run(row.seq);
    deleted += 1;
    if (slowest.seq !== null && row.seq > slowest.seq) passed = slowest.seq;
  }
  const held = rows.length < args.limit && olderThan(ctx, args.before);
  return { deleted, heldAt: held ? slowest.seq : passed };
}

function olderThan(ctx: WriteContext, before: number): boolean {
  const oldest = ctx.sql('SELECT received FROM log ORDER BY seq LIMIT 1').get() as
    { received: number } | undefined;
  return oldest !== undefined && oldest.received < before;
}

/** The distinct labels of a batch body. */
export function labelsOf(body: string | null): ReadonlySet<string> {
  const labels = new Set<string>();
  if (body === null) return labels;
  const { detections = [] } = JSON.parse(body) as { detections?: { label: string | null }[] };
  for (const { label } of detections) if (label !== null) labels.add(label);
  return labels;
}

/**
 * Empties at most `limit` bodies of a deleted camera's batches that every lane has passed, and drops their labels;
 * the rows stay as proof that a batch existed. Answers how many remain to be emptied at least.
 */
export function emptyDeletedCamera(ctx: WriteContext, args: { incarnation: number; limit: number }): number {
  const rows = ctx
    .sql(
      `SELECT seq, at_ms, at_ns, body FROM log WHERE incarnation = ? AND kind = 'batch' AND body IS NOT NULL
         AND seq <= coalesce((SELECT min(coalesce(l.seq, c.start_seq)) FROM consumers c LEFT JOIN lanes l
                                ON l.consumer_id = c.id AND l.lane = iif(c.ordering = 'all', 0, ?)
                              WHERE c.kind = 'consumer'), 9007199254740991)
       ORDER BY seq LIMIT ?`,
    )
    .all(args.incarnation, args.incarnation, args.limit) as {
    seq: number;
    at_ms: number;
    at_ns: number;
    body: string;
  }[];
  for (const row of rows) {
    for (const label of labelsOf(row.body))
      ctx
        .sql(
          'DELETE FROM log_labels WHERE incarnation = ? AND label = ? AND at_ms = ? AND at_ns = ? AND seq = ?',
        )
        .run(args.incarnation, label, row.at_ms, row.at_ns, row.seq);
    ctx.sql('UPDATE log SET body = NULL WHERE seq = ?').run(row.seq);
  }
  return rows.length;
}
