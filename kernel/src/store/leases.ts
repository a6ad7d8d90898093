/** Who reads which segments: none of them is pruned while a lease on it is in force. */
import type { WriteContext } from './write-context.ts';

/** What footage is read for. `session`: a review, whose lease outlives the process that took it. */
export type LeasePurpose = 'clip' | 'still' | 'session' | 'stream' | 'preview';

/** The condition on a row of `segments` that no lease on it is in force; binds the time, ms. */
export const notLeased = `NOT EXISTS (
  SELECT 1 FROM lease_segments s JOIN leases l ON l.id = s.lease_id
  WHERE s.segment_id = segments.id AND l.expires_at > ?)`;

/**
 * Protects segments until `ttlMs` from now. Answers those that exist and are protected from here on, in the order given;
 * without any, no lease is kept. A lease of the same id is replaced.
 */
export function takeLease(
  ctx: WriteContext,
  args: { id: string; purpose: LeasePurpose; segmentIds: readonly string[]; ttlMs: number },
): string[] {
  releaseLease(ctx, args);
  ctx
    .sql('INSERT INTO leases (id, purpose, expires_at, created_at) VALUES (?, ?, ?, ?)')
    .run(args.id, args.purpose, ctx.now + args.ttlMs, ctx.now);
  const cover = ctx.sql(
    'INSERT OR IGNORE INTO lease_segments (segment_id, lease_id) SELECT id, ? FROM segments WHERE id = ?',
  );
  const covered = args.segmentIds.filter((segmentId) => cover.run(args.id, segmentId).changes > 0);
  if (covered.length === 0) releaseLease(ctx, args);
  return covered;
}

/** Moves the end to `ttlMs` from now. Answers false, changing nothing, when the lease has run out: its segments may be gone. */
export function renewLease(ctx: WriteContext, args: { id: string; ttlMs: number }): boolean {
  const { changes } = ctx
    .sql('UPDATE leases SET expires_at = ? WHERE id = ? AND expires_at > ?')
    .run(ctx.now + args.ttlMs, args.id, ctx.now);
  return changes > 0;
}

/** What it protected goes with it; one that is gone already is no error. */
export function releaseLease(ctx: WriteContext, args: { id: string }): void {
  ctx.sql('DELETE FROM leases WHERE id = ?').run(args.id);
}

/** Ends what processes that are gone held, but for the leases of sessions. For the start, before anybody takes one. */
export function endForeignLeases(ctx: WriteContext): void {
  ctx.sql(`UPDATE leases SET expires_at = 0 WHERE purpose <> 'session'`).run();
}

/** Deletes at most `limit` protections that have run out, then leases without any; answers how many rows went. */
export function sweepLeases(ctx: WriteContext, args: { limit: number }): number {
  const covered = ctx
    .sql(
      `DELETE FROM lease_segments WHERE (segment_id, lease_id) IN (
         SELECT s.segment_id, s.lease_id FROM leases l JOIN lease_segments s ON s.lease_id = l.id
         WHERE l.expires_at <= ? LIMIT ?)`,
    )
    .run(ctx.now, args.limit).changes;
  const { changes } = ctx
    .sql(
      `DELETE FROM leases WHERE id IN (
         SELECT id FROM leases l
         WHERE expires_at <= ? AND NOT EXISTS (SELECT 1 FROM lease_segments WHERE lease_id = l.id) LIMIT ?)`,
    )
    .run(ctx.now, args.limit);
  return covered + changes;
}
