/** How files that are to be deleted are read: in bounded steps, in the order of their key. */
import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import type { GarbageKey, GarbageKind, GarbageRow } from './garbage.ts';
import { garbage } from './media-schema.ts';
import type { ReadDb } from './store.ts';

/** At most `limit` of those behind `after` (null: from the first). */
export function listGarbage(db: ReadDb, after: GarbageKey | null, limit: number): GarbageRow[] {
  return db
    .select()
    .from(garbage)
    .where(
      after === null
        ? undefined
        : sql`(${garbage.kind}, ${garbage.root}, ${garbage.path}) > (${after.kind}, ${after.root}, ${after.path})`,
    )
    .orderBy(asc(garbage.kind), asc(garbage.root), asc(garbage.path))
    .limit(limit)
    .all();
}

/** Which of these paths are about to be deleted, in any root? Give at most some hundred at once. */
export function garbageAmong(db: ReadDb, kind: GarbageKind, paths: readonly string[]): Set<string> {
  if (paths.length === 0) return new Set();
  const rows = db
    .select({ path: garbage.path })
    .from(garbage)
    .where(and(eq(garbage.kind, kind), inArray(garbage.path, [...paths])))
    .all();
  return new Set(rows.map(({ path }) => path));
}
