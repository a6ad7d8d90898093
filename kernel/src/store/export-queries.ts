/** Which clips and review sessions are there, whose files are to go, and what has expired? */
import { and, asc, desc, eq, gt, inArray, isNotNull, lt, lte, type SQL } from 'drizzle-orm';
import { clips, playbackSessions, snapshots } from './media-schema.ts';
import { segments } from './schema.ts';
import type { SegmentRow } from './segment-queries.ts';
import type { ReadDb } from './store.ts';

export type ClipRow = typeof clips.$inferSelect;
export type SessionRow = typeof playbackSessions.$inferSelect;

/** Newest first; `before`: created earlier than this, ms; `owned`: the caller's cameras. */
export interface ExportPage {
  readonly owned?: SQL;
  readonly cameraId?: string | undefined;
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Clips that are whole. */
export function listClips(db: ReadDb, { cameraId, before, limit, owned }: ExportPage): ClipRow[] {
  const conditions: (SQL | undefined)[] = [
    cameraId === undefined ? undefined : eq(clips.cameraId, cameraId),
    before === undefined ? undefined : lt(clips.createdAt, before),
    eq(clips.state, 'ready'),
    owned,
  ];
  return db
    .select()
    .from(clips)
    .where(and(...conditions))
    .orderBy(desc(clips.createdAt), desc(clips.id))
    .limit(limit)
    .all();
}

/** Whole ones only. */
export function readClip(db: ReadDb, id: string): ClipRow | undefined {
  return db
    .select()
    .from(clips)
    .where(and(eq(clips.id, id), eq(clips.state, 'ready')))
    .get();
}

/** Of clips that were being built when an earlier process ended: nobody builds them any more. */
export function unfinishedClips(db: ReadDb, limit: number): string[] {
  return db
    .select({ id: clips.id })
    .from(clips)
    .where(eq(clips.state, 'building'))
    .orderBy(asc(clips.createdAt))
    .limit(limit)
    .all()
    .map(({ id }) => id);
}

export function expiredClips(db: ReadDb, now: number, limit: number): string[] {
  return db
    .select({ id: clips.id })
    .from(clips)
    .where(and(isNotNull(clips.expiresAt), lte(clips.expiresAt, now)))
    .orderBy(asc(clips.expiresAt))
    .limit(limit)
    .all()
    .map(({ id }) => id);
}

/** Those that live longest in front; expired ones are none. `owned`: the caller's cameras; `createdBy`: only those of that principal. */
export function listSessions(
  db: ReadDb,
  { now, limit, owned, createdBy }: { now: number; limit: number; owned: SQL; createdBy?: string },
): SessionRow[] {
  return db
    .select()
    .from(playbackSessions)
    .where(
      and(
        gt(playbackSessions.expiresAt, now),
        owned,
        createdBy === undefined ? undefined : eq(playbackSessions.createdBy, createdBy),
      ),
    )
    .orderBy(desc(playbackSessions.expiresAt))
    .limit(limit)
    .all();
}

/** undefined also once it has expired. */
export function readSession(db: ReadDb, id: string, now: number): SessionRow | undefined {
  const row = db.select().from(playbackSessions).where(eq(playbackSessions.id, id)).get();
  return row !== undefined && row.expiresAt > now ? row : undefined;
}

export function expiredSessions(db: ReadDb, now: number, limit: number): string[] {
  return db
    .select({ id: playbackSessions.id })
    .from(playbackSessions)
    .where(lte(playbackSessions.expiresAt, now))
    .orderBy(asc(playbackSessions.expiresAt))
    .limit(limit)
    .all()
    .map(({ id }) => id);
}

/** Ids of a query at most. */
const idsPerQuery = 500;

/** Ascending by start; those that are gone are left out. */
export function segmentsById(db: ReadDb, ids: readonly string[]): SegmentRow[] {
  const rows: SegmentRow[] = [];
  for (let start = 0; start < ids.length; start += idsPerQuery)
    rows.push(
      ...db
        .select()
        .from(segments)
        .where(inArray(segments.id, ids.slice(start, start + idsPerQuery)))
        .all(),
    );
  return rows.sort((a, b) => a.startTime - b.startTime);
}

/** Is this a scheduled snapshot of that camera? `path`: below the snapshots folder. */
export function hasSnapshotFile(db: ReadDb, cameraId: string, path: string): boolean {
  const row = db
    .select({ id: snapshots.id })
    .from(snapshots)
    .where(and(eq(snapshots.path, path), eq(snapshots.cameraId, cameraId)))
    .get();
  return row !== undefined;
}
