/** Cursors, keyed state and parked items: how the effects of a lane become durable, exactly once. */
import { failpoint } from '../runtime/failpoint.ts';
import { messageOf } from '../errors.ts';
import { insertEvent } from './events.ts';
import { noteGeneration, type GenerationFacts } from './generations.ts';
import { keepParked, park, unpark } from './parked.ts';
import { runPluginWrites } from './plugin-writes.ts';
import type { LaneResult, LaneStep, LaneUnit } from './units.ts';
import type { WriteContext } from './write-context.ts';
import { noteWrittenTables, type WrittenTables } from './written-tables.ts';

/**
 * Applies the steps of one lane in order, each in a savepoint, up to the first that fails; then the cursor and the last value
 * of each key, once. Applies nothing when the epoch or the cursor is not the one the effects were made for.
 */
export function applyLane(ctx: WriteContext, unit: LaneUnit): LaneResult {
  if (!isCurrent(ctx, unit)) return { applied: 0, fenced: true };
  const state = new Map<string, string | null>();
  const written: WrittenTables[] = [];
  let applied = 0;
  let error: string | undefined;
  for (const step of unit.steps) {
    error = applyStep(ctx, unit, step, written);
    if (error !== undefined) break;
    for (const [key, value] of step.state) state.set(key, value);
    applied += 1;
    failpoint('lane-between-batches');
  }
  if (applied > 0) {
    noteWrittenTables(ctx, unit.consumerId, written);
    const last = unit.steps[applied - 1];
    if (last?.dropLane === true) dropLane(ctx, unit);
    else if (last !== undefined) {
      writeState(ctx, unit, state);
      ctx
        .sql(
          `INSERT INTO lanes (consumer_id, lane, seq, tick) VALUES (?, ?, ?, ?)
           ON CONFLICT (consumer_id, lane) DO UPDATE SET seq = excluded.seq, tick = excluded.tick`,
        )
        .run(unit.consumerId, unit.lane, last.seq, last.tick);
    }
  }
  return error === undefined ? { applied } : { applied, error };
}

function isCurrent(ctx: WriteContext, unit: LaneUnit): boolean {
  const row = ctx
    .sql(
      `SELECT c.epoch, coalesce(l.seq, c.start_seq) AS seq, coalesce(l.tick, 0) AS tick FROM consumers c
       LEFT JOIN lanes l ON l.consumer_id = c.id AND l.lane = ? WHERE c.id = ?`,
    )
    .get(unit.lane, unit.consumerId) as { epoch: number; seq: number; tick: number } | undefined;
  return (
    row !== undefined && row.epoch === unit.epoch && row.seq === unit.fromSeq && row.tick === unit.fromTick
  );
}

/** Answers why it failed; what it wrote to is added to `written` when it did not. */
function applyStep(
  ctx: WriteContext,
  unit: LaneUnit,
  step: LaneStep,
  written: WrittenTables[],
): string | undefined {
  const guarded = step.writes.length > 0 || step.unpark !== undefined;
  if (guarded) ctx.sql('SAVEPOINT step').run();
  try {
    const tables = runPluginWrites(ctx, unit.plugin, step.writes);
    if (step.events.length > 0) {
      const { consumerId: id, epoch, lane } = unit;
      const origin = { consumer: { id, epoch, lane }, cause: step.cause ?? null };
      for (const event of step.events) insertEvent(ctx, event, origin);
    }
    for (const still of step.evidence)
      ctx
        .sql(
          `INSERT INTO evidence (file, camera_id, plugin, frame_id, captured_at, state, created_at)
           VALUES (?, ?, ?, ?, ?, 'pending', ?) ON CONFLICT (file) DO NOTHING`,
        )
        .run(still.file, still.cameraId, unit.plugin, still.frameId, still.capturedAt, ctx.now);
    if (step.park !== undefined) park(ctx, { ...step.park, consumerId: unit.consumerId, lane: unit.lane });
    if (step.keepParked !== undefined) keepParked(ctx, step.keepParked);
    if (step.unpark !== undefined) unpark(ctx, step.unpark);
    if (guarded) ctx.sql('RELEASE step').run();
    written.push(...tables);
    return undefined;
  } catch (error) {
    if (!guarded) throw error;
    ctx.sql('ROLLBACK TO step').run();
    ctx.sql('RELEASE step').run();
    return messageOf(error);
  }
}

function writeState(ctx: WriteContext, unit: LaneUnit, state: ReadonlyMap<string, string | null>): void {
  for (const [key, value] of state) {
    if (value === null)
      ctx
        .sql('DELETE FROM consumer_state WHERE consumer_id = ? AND lane = ? AND key = ?')
        .run(unit.consumerId, unit.lane, key);
    else
      ctx
        .sql(
          `INSERT INTO consumer_state (consumer_id, lane, key, value) VALUES (?, ?, ?, ?)
           ON CONFLICT (consumer_id, lane, key) DO UPDATE SET value = excluded.value`,
        )
        .run(unit.consumerId, unit.lane, key, value);
  }
}

function dropLane(ctx: WriteContext, unit: LaneUnit): void {
  ctx.sql('DELETE FROM consumer_state WHERE consumer_id = ? AND lane = ?').run(unit.consumerId, unit.lane);
  const last = unit.steps[unit.steps.length - 1];
  ctx
    .sql(
      `INSERT INTO lanes (consumer_id, lane, seq, tick) VALUES (?, ?, ?, ?)
       ON CONFLICT (consumer_id, lane) DO UPDATE SET seq = excluded.seq, tick = excluded.tick`,
    )
    .run(unit.consumerId, unit.lane, last?.seq ?? unit.fromSeq, last?.tick ?? unit.fromTick);
}

export interface ConsumerStart {
  readonly consumerId: number;
  readonly epoch: number;
  readonly startSeq: number;
}

/** Registers a consumer or handler if it is new, and raises its epoch: commits of older generations apply nothing from now on. */
export function startConsumer(
  ctx: WriteContext,
  args: {
    kind: 'consumer' | 'handler';
    plugin: string;
    name: string;
    ordering: 'camera' | 'all';
    from: 'head' | 'start' | number;
    /** What it runs with; of consumers only. */
    generation?: GenerationFacts;
  },
): ConsumerStart {
  const startSeq = startingPoint(ctx, args.kind, args.from);
  const row = ctx
    .sql(
      `INSERT INTO consumers (kind, plugin, name, ordering, epoch, start_seq, created_at) VALUES (?, ?, ?, ?, 1, ?, ?)
       ON CONFLICT (kind, plugin, name) DO UPDATE SET epoch = epoch + 1
       RETURNING id, epoch, start_seq, ordering`,
    )
    .get(args.kind, args.plugin, args.name, args.ordering, startSeq, ctx.now) as {
    id: number;
    epoch: number;
    start_seq: number;
    ordering: string;
  };
  if (row.ordering !== args.ordering)
    throw new Error(orderingChanged(args.plugin, args.name, row.ordering, args.ordering));
  if (args.generation !== undefined) noteGeneration(ctx, row, args.generation);
  return { consumerId: row.id, epoch: row.epoch, startSeq: row.start_seq };
}

export function orderingChanged(plugin: string, name: string, from: string, to: string): string {
  return `consumer ${plugin}.${name} was '${from}' ordered and can't become '${to}': its state belongs to other lanes; give it a new name`;
}

function startingPoint(
  ctx: WriteContext,
  kind: 'consumer' | 'handler',
  from: 'head' | 'start' | number,
): number {
  const [table, time] = kind === 'consumer' ? ['log', 'received'] : ['events', 'created_at'];
  if (from === 'start') return 0;
  const query =
    from === 'head'
      ? ctx.sql(`SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = '${table}'), 0) AS seq`)
      : ctx.sql(`SELECT coalesce(max(seq), 0) AS seq FROM ${table} WHERE ${time} < ${Math.trunc(from)}`);
  return (query.get() as { seq: number }).seq;
}

/** Notes what became of an evidence still. */
export function setEvidenceState(ctx: WriteContext, args: { file: string; state: 'kept' | 'missing' }): void {
  ctx.sql('UPDATE evidence SET state = ? WHERE file = ?').run(args.state, args.file);
}
