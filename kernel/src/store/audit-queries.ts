/** How the audit log is read, and whether it is whole. */
import { and, desc, eq, gte, lte, type SQL } from 'drizzle-orm';
import { endSignature, firstLink, isSame, linkMac, type AuditRow, type ChainLink } from './audit-chain.ts';
import { audit } from './audit-schema.ts';
import type { SqliteDatabase } from './database.ts';
import type { ReadDb } from './store.ts';

export interface AuditFilter {
  /** ms since the epoch, inclusive. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly actor: string | undefined;
  readonly action: string | undefined;
  readonly limit: number;
  /** Which rows the caller may see. */
  readonly owned: SQL;
}

/** Newest first. */
export function listAudit(db: ReadDb, filter: AuditFilter): AuditRow[] {
  const { from, to, actor, action } = filter;
  return db
    .select()
    .from(audit)
    .where(
      and(
        filter.owned,
        from === undefined ? undefined : gte(audit.at, from),
        to === undefined ? undefined : lte(audit.at, to),
        actor === undefined ? undefined : eq(audit.actor, actor),
        action === undefined ? undefined : eq(audit.action, action),
      ),
    )
    .orderBy(desc(audit.at), desc(audit.seq))
    .limit(filter.limit)
    .all();
}

export type Verdict =
  | { readonly ok: true; readonly rows: number; readonly first: number | null; readonly end: ChainLink }
  | { readonly ok: false; readonly rows: number; readonly problem: string };

/** Walks the whole chain. `known`: a place in it that was noted elsewhere, which must still be there. */
export function verifyAudit(db: SqliteDatabase, key: Buffer, known?: ChainLink): Verdict {
  // One picture of it, whatever is written meanwhile.
  return db.transaction(() => verify(db, key, known))();
}

function verify(db: SqliteDatabase, key: Buffer, known: ChainLink | undefined): Verdict {
  const start = endOf(db, key, 'start');
  const end = endOf(db, key, 'end');
  if (start === 'forged' || end === 'forged')
    return {
      ok: false,
      rows: 0,
      problem: 'where the log begins or ends was changed by somebody without the key',
    };
  const rows = db
    .prepare(
      `SELECT seq, id, at, actor, actor_name AS actorName, role, action, target_type AS targetType, target_id AS targetId,
         camera_id AS cameraId, address, detail, mac FROM audit ORDER BY seq`,
    )
    .iterate() as IterableIterator<AuditRow & { mac: string }>;
  let last: ChainLink = start ?? firstLink;
  let count = 0;
  let first: number | null = null;
  let isKnownThere = known === undefined || known.seq <= last.seq;
  for (const row of rows) {
    if (row.seq !== last.seq + 1)
      return { ok: false, rows: count, problem: `rows ${last.seq + 1} to ${row.seq - 1} are gone` };
    if (!isSame(row.mac, linkMac(key, last.mac, row)))
      return {
        ok: false,
        rows: count,
        problem: `row ${row.seq} (${row.id}) or the one before it was changed`,
      };
    last = { seq: row.seq, mac: row.mac };
    if (known?.seq === row.seq) isKnownThere = isSame(known.mac, row.mac);
    first ??= row.at;
    count += 1;
  }
  if (end === null ? last.seq > 0 : end.seq !== last.seq || !isSame(end.mac, last.mac))
    return { ok: false, rows: count, problem: `rows after ${last.seq} are gone` };
  if (!isKnownThere)
    return {
      ok: false,
      rows: count,
      problem: `the row ${known?.seq} that was noted is not the one that is there`,
    };
  return { ok: true, rows: count, first, end: last };
}

function endOf(db: SqliteDatabase, key: Buffer, name: 'start' | 'end'): ChainLink | 'forged' | null {
  const row = db.prepare('SELECT seq, mac, signature FROM audit_ends WHERE name = ?').get(name) as
    (ChainLink & { signature: string }) | undefined;
  if (row === undefined) return null;
  return isSame(row.signature, endSignature(key, name, row)) ? { seq: row.seq, mac: row.mac } : 'forged';
}
