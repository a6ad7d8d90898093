/** Which segments are still to be copied to the mirror, and how the copies of each camera fare. */
import { insertEvent } from './events.ts';
import type { mirrorStatus } from './media-schema.ts';
import type { NewEvent } from './units.ts';
import type { WriteContext } from './write-context.ts';

export type MirrorStatusRow = typeof mirrorStatus.$inferSelect;
export type MirrorState = MirrorStatusRow['state'];

/** Part of the unit that adds the segment. Does nothing for a camera that is not mirrored. */
export function queueForMirror(ctx: WriteContext, cameraId: string, segmentId: string): void {
  ctx
    .sql(
      `INSERT INTO mirror_queue (segment_id, camera_id)
       SELECT ?, id FROM cameras WHERE id = ? AND mirror_enabled = 1`,
    )
    .run(segmentId, cameraId);
}

export interface CopiedSegment {
  readonly segmentId: string;
  readonly cameraId: string;
  /** End of what was copied, ms since the epoch; null: there was nothing left to copy. */
  readonly endTime: number | null;
}

/** Takes segments off the queue, and notes how far each camera's copy reaches. Give at most some hundred at once. */
export function noteCopied(ctx: WriteContext, args: { copied: readonly CopiedSegment[] }): void {
  for (const { segmentId, cameraId, endTime } of args.copied) {
    ctx.sql('DELETE FROM mirror_queue WHERE segment_id = ?').run(segmentId);
    if (endTime === null) continue;
    ctx
      .sql(
        `INSERT INTO mirror_status (camera_id, state, last_segment_at, updated_at)
         SELECT id, 'recording', ?, ? FROM cameras WHERE id = ?
         ON CONFLICT (camera_id) DO UPDATE SET
           last_segment_at = max(coalesce(last_segment_at, 0), excluded.last_segment_at), updated_at = excluded.updated_at`,
      )
      .run(endTime, ctx.now, cameraId);
  }
}

export interface MirrorChange {
  readonly cameraId: string;
  readonly state: MirrorState;
  readonly lastError: string | null;
}

/** Notes states together with the events that tell of them; cameras that are gone are passed over. */
export function setMirrorStates(
  ctx: WriteContext,
  args: { changes: readonly MirrorChange[]; events: readonly NewEvent[] },
): void {
  for (const { cameraId, state, lastError } of args.changes)
    ctx
      .sql(
        `INSERT INTO mirror_status (camera_id, state, last_error, updated_at)
         SELECT id, ?, ?, ? FROM cameras WHERE id = ?
         ON CONFLICT (camera_id) DO UPDATE SET
           state = excluded.state, last_error = excluded.last_error, updated_at = excluded.updated_at`,
      )
      .run(state, lastError, ctx.now, cameraId);
  for (const event of args.events) insertEvent(ctx, event);
}
