/** What lies beside the footage: how much of it, and the oldest. */
import { and, asc, eq, lt, ne, sum } from 'drizzle-orm';
import { clips, quarantined } from './media-schema.ts';
import { segments } from './schema.ts';
import type { ReadDb } from './store.ts';

export interface StoredClip {
  readonly id: string;
  readonly sizeBytes: number;
}

/** Bytes of the clips that are whole: they are few. */
export function clipBytes(db: ReadDb): number {
  const row = db
    .select({ bytes: sum(clips.sizeBytes).mapWith(Number) })
    .from(clips)
    .where(eq(clips.state, 'ready'))
    .get();
  return row?.bytes ?? 0;
}

/** Those made first in front, without those that are being made. */
export function oldestClips(db: ReadDb, limit: number): StoredClip[] {
  return db
    .select({ id: clips.id, sizeBytes: clips.sizeBytes })
    .from(clips)
    .where(ne(clips.state, 'building'))
    .orderBy(asc(clips.createdAt), asc(clips.id))
    .limit(limit)
    .all();
}

/** Unreadable files of a root that were put aside before that time, ms. */
export function oldUnreadable(db: ReadDb, root: string, before: number, limit: number): string[] {
  return db
    .select({ path: quarantined.path })
    .from(quarantined)
    .where(and(eq(quarantined.root, root), lt(quarantined.since, before)))
    .orderBy(asc(quarantined.path))
    .limit(limit)
    .all()
    .map(({ path }) => path);
}

/** Is that file of the index held as evidence? `path`: below its root. */
export function isHeldPath(db: ReadDb, path: string): boolean {
  const row = db
    .select({ held: segments.evidenceLocked })
    .from(segments)
    .where(eq(segments.path, path))
    .get();
  return row?.held ?? false;
}
