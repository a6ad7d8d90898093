/** How the audit log is written: a row goes along with the change it tells of, and old rows go from its beginning. */
import {
  endSignature,
  firstLink,
  linkMac,
  type AuditRow,
  type ChainEnd,
  type ChainLink,
} from './audit-chain.ts';
import type { NewAudit } from './units.ts';
import type { WriteContext } from './write-context.ts';

export function appendAudit(ctx: WriteContext, entry: NewAudit): void {
  const last = newestLink(ctx);
  const row: AuditRow = {
    ...entry,
    seq: last.seq + 1,
    at: ctx.now,
    detail: JSON.stringify(entry.detail),
  };
  const mac = linkMac(ctx.keyring.chainKey, last.mac, row);
  ctx
    .sql(
      `INSERT INTO audit (seq, id, at, actor, actor_name, role, action, target_type, target_id, camera_id, address, detail, mac)
       VALUES (@seq, @id, @at, @actor, @actorName, @role, @action, @targetType, @targetId, @cameraId, @address, @detail, @mac)`,
    )
    .run({ ...row, mac });
  setEnd(ctx, 'end', { seq: row.seq, mac });
}

/** Drops at most `limit` of the oldest rows, up to the first that is not from before `before` (ms). Answers how many. */
export function pruneAudit(ctx: WriteContext, args: { before: number; limit: number }): number {
  const oldest = ctx
    .sql('SELECT seq, at, mac FROM audit ORDER BY seq LIMIT ?')
    .all(args.limit) as (ChainLink & {
    at: number;
  })[];
  const kept = oldest.findIndex(({ at }) => at >= args.before);
  const gone = kept === -1 ? oldest : oldest.slice(0, kept);
  const last = gone.at(-1);
  if (last === undefined) return 0;
  setEnd(ctx, 'start', last);
  ctx.sql('DELETE FROM audit WHERE seq <= ?').run(last.seq);
  return gone.length;
}

function newestLink(ctx: WriteContext): ChainLink {
  const newest = ctx.sql('SELECT seq, mac FROM audit ORDER BY seq DESC LIMIT 1').get();
  const start = newest ?? ctx.sql(`SELECT seq, mac FROM audit_ends WHERE name = 'start'`).get();
  return (start as ChainLink | undefined) ?? firstLink;
}

function setEnd(ctx: WriteContext, name: ChainEnd, { seq, mac }: ChainLink): void {
  ctx
    .sql(
      `INSERT INTO audit_ends (name, seq, mac, signature) VALUES (?, ?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET seq = excluded.seq, mac = excluded.mac, signature = excluded.signature`,
    )
    .run(name, seq, mac, endSignature(ctx.keyring.chainKey, name, { seq, mac }));
}
