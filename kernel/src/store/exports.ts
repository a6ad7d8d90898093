/** How clips and review sessions come and go: the row of a clip is there before its file, and a file that is to go is noted first. */
import { addGarbage } from './garbage.ts';
import type { WriteContext } from './write-context.ts';

export interface NewClip {
  readonly id: string;
  readonly cameraId: string;
  /** ms since the epoch. */
  readonly fromTime: number;
  readonly toTime: number;
  readonly startMode: 'exact' | 'streamed';
  readonly segmentCount: number;
  /** Id of the principal. */
  readonly createdBy: string;
  /** ms since the epoch; null: it stays. */
  readonly expiresAt: number | null;
}

/** Notes a clip that is about to be built. Answers false when its camera is gone. */
export function addClip(ctx: WriteContext, clip: NewClip): boolean {
  const { changes } = ctx
    .sql(
      `INSERT INTO clips (id, camera_id, from_time, to_time, state, start_mode, segment_count, created_by, created_at, expires_at)
       SELECT ?, id, ?, ?, 'building', ?, ?, ?, ?, ? FROM cameras WHERE id = ?`,
    )
    .run(
      clip.id,
      clip.fromTime,
      clip.toTime,
      clip.startMode,
      clip.segmentCount,
      clip.createdBy,
      ctx.now,
      clip.expiresAt,
      clip.cameraId,
    );
  return changes > 0;
}

/** Its file is whole and has its name. Answers false when the row went meanwhile, with its camera: the file is garbage then. */
export function finishClip(
  ctx: WriteContext,
  args: { id: string; sizeBytes: number; report: object },
): boolean {
  const { id, sizeBytes } = args;
  const { changes } = ctx
    .sql(`UPDATE clips SET state = 'ready', size_bytes = ?, report = ? WHERE id = ? AND state = 'building'`)
    .run(sizeBytes, JSON.stringify(args.report), id);
  if (changes === 0) addGarbage(ctx, { kind: 'clip', root: '', path: `${id}.mp4`, sizeBytes });
  return changes > 0;
}

/** Drops the row and notes its file as garbage, in one unit. Answers false when there is none. */
export function removeClip(ctx: WriteContext, args: { id: string }): boolean {
  const row = ctx.sql('DELETE FROM clips WHERE id = ? RETURNING size_bytes').get(args.id) as
    { size_bytes: number } | undefined;
  if (row === undefined) return false;
  addGarbage(ctx, { kind: 'clip', root: '', path: `${args.id}.mp4`, sizeBytes: row.size_bytes });
  return true;
}

export interface NewSession {
  readonly id: string;
  readonly cameraId: string;
  /** ms since the epoch. */
  readonly fromTime: number;
  readonly toTime: number;
  readonly segmentCount: number;
  readonly report: object;
  /** Id of the principal. */
  readonly createdBy: string;
  /** How long it lives from now on, ms. */
  readonly ttlMs: number;
}

/** Answers when it expires, ms since the epoch; null when its camera is gone. */
export function addSession(ctx: WriteContext, session: NewSession): number | null {
  const expiresAt = ctx.now + session.ttlMs;
  const { changes } = ctx
    .sql(
      `INSERT INTO playback_sessions
         (id, camera_id, from_time, to_time, segment_count, report, created_by, created_at, expires_at)
       SELECT ?, id, ?, ?, ?, ?, ?, ?, ? FROM cameras WHERE id = ?`,
    )
    .run(
      session.id,
      session.fromTime,
      session.toTime,
      session.segmentCount,
      JSON.stringify(session.report),
      session.createdBy,
      ctx.now,
      expiresAt,
      session.cameraId,
    );
  return changes > 0 ? expiresAt : null;
}

/** Lets a session live for `ttlMs` from now. Answers when it expires; null when it is gone. */
export function prolongSession(ctx: WriteContext, args: { id: string; ttlMs: number }): number | null {
  const expiresAt = ctx.now + args.ttlMs;
  const { changes } = ctx
    .sql('UPDATE playback_sessions SET expires_at = ? WHERE id = ? AND expires_at > ?')
    .run(expiresAt, args.id, ctx.now);
  return changes > 0 ? expiresAt : null;
}

/** Ends a session with its lease, in one unit. Answers false when there is none. */
export function removeSession(ctx: WriteContext, args: { id: string }): boolean {
  ctx.sql('DELETE FROM leases WHERE id = ?').run(args.id);
  return ctx.sql('DELETE FROM playback_sessions WHERE id = ?').run(args.id).changes > 0;
}
