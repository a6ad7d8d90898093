/** What becomes of work that could not be processed: it is kept, tried again, and gone once it is done or dropped. */
import { HeldarError } from '../errors.ts';
import type { WriteContext } from './write-context.ts';

/** What a try again of a parked item ended with. */
export interface ParkedFailure {
  readonly id: string;
  readonly error: string;
  /** In all. */
  readonly attempts: number;
}

export function park(
  ctx: WriteContext,
  item: ParkedFailure & {
    readonly consumerId: number;
    /** 0 of handlers. */
    readonly lane: number;
    readonly kind: 'record' | 'tick' | 'event';
    /** Of the record or event; of a tick its T. */
    readonly seq: number;
    /** JSON text of what is tried again. */
    readonly body: string;
  },
): void {
  ctx
    .sql(
      `INSERT INTO parked (id, consumer_id, lane, kind, seq, body, error, attempts, parked_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (consumer_id, lane, kind, seq) DO UPDATE SET error = excluded.error, attempts = excluded.attempts`,
    )
    .run(
      item.id,
      item.consumerId,
      item.lane,
      item.kind,
      item.seq,
      item.body,
      item.error,
      item.attempts,
      ctx.now,
    );
}

/** It failed again and stays, with the new error; false when it is there no more: then it does not come back. */
export function keepParked(ctx: WriteContext, { id, error, attempts }: ParkedFailure): boolean {
  return (
    ctx.sql('UPDATE parked SET error = ?, attempts = ? WHERE id = ?').run(error, attempts, id).changes > 0
  );
}

/** It is done. @throws HeldarError `conflict` when it is there no more: its effects, in the same savepoint, must not be had twice. */
export function unpark(ctx: WriteContext, id: string): void {
  if (!dropParked(ctx, { id })) throw goneMeanwhile(id);
}

/** Forgets it; false when it is there no more. */
export function dropParked(ctx: WriteContext, { id }: { id: string }): boolean {
  return ctx.sql('DELETE FROM parked WHERE id = ?').run(id).changes > 0;
}

export function goneMeanwhile(id: string): HeldarError {
  return new HeldarError(
    'conflict',
    `the parked item ${id} was processed or dropped while this retry of it went on; the retry changed nothing, and there is nothing left to do`,
  );
}
