/** Statements of plugins, and the changes of their routes, jobs and handlers. */
import { HeldarError } from '../errors.ts';
import { insertEvent } from './events.ts';
import { appendRecord } from './log.ts';
import { goneMeanwhile, keepParked, park, unpark } from './parked.ts';
import type { ChangeResult, ChangeUnit, PluginWrite } from './units.ts';
import type { WriteContext } from './write-context.ts';
import type { WrittenTables } from './written-tables.ts';

/** Answers which tables each statement writes. */
export function runPluginWrites(
  ctx: WriteContext,
  plugin: string,
  writes: readonly PluginWrite[],
): readonly WrittenTables[] {
  const written: WrittenTables[] = [];
  for (const { sql, params, expectChanges } of writes) {
    written.push(ctx.guard.checkWrite(plugin, sql, params));
    const statement = ctx.sql(sql);
    const changes = statement.reader ? statement.all(...params).length : statement.run(...params).changes;
    if (expectChanges !== undefined && changes !== expectChanges)
      throw new HeldarError(
        'conflict',
        `changed meanwhile: ${changes} rows changed where ${expectChanges} should have`,
      );
  }
  return written;
}

/** Applies a change whole; the caller's savepoint undoes it when anything throws. */
export function applyChange(ctx: WriteContext, unit: ChangeUnit): ChangeResult {
  const { cursor } = unit;
  if (cursor !== undefined) {
    const row = ctx
      .sql(
        `SELECT c.epoch, coalesce(l.seq, c.start_seq) AS seq FROM consumers c
         LEFT JOIN lanes l ON l.consumer_id = c.id AND l.lane = 0 WHERE c.id = ?`,
      )
      .get(cursor.consumerId) as { epoch: number; seq: number } | undefined;
    if (row === undefined || row.epoch !== cursor.epoch || row.seq !== cursor.from) return { fenced: true };
    ctx
      .sql(
        `INSERT INTO lanes (consumer_id, lane, seq, tick) VALUES (?, 0, ?, 0)
         ON CONFLICT (consumer_id, lane) DO UPDATE SET seq = excluded.seq`,
      )
      .run(cursor.consumerId, cursor.to);
  }
  runPluginWrites(ctx, unit.plugin, unit.writes);
  for (const event of unit.events) insertEvent(ctx, event);
  for (const record of unit.records) {
    if (unit.camerasMustExist === true && record.cameraId !== null) requireCamera(ctx, record.cameraId);
    appendRecord(ctx, record);
  }
  if (unit.park !== undefined) park(ctx, { ...unit.park, lane: 0, kind: 'event' });
  if (unit.keepParked !== undefined && !keepParked(ctx, unit.keepParked))
    throw goneMeanwhile(unit.keepParked.id);
  if (unit.unpark !== undefined) unpark(ctx, unit.unpark);
  return { ok: true };
}

function requireCamera(ctx: WriteContext, id: string): void {
  if (ctx.sql('SELECT 1 FROM cameras WHERE id = ?').get(id) === undefined)
    throw new HeldarError('not_found', `camera ${id} not found`);
}
