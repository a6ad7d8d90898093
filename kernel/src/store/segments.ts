/** How closed recordings enter and leave the index, and how the running totals follow. */
import { insertEvent } from './events.ts';
import { notLeased } from './leases.ts';
import type { NewEvent } from './units.ts';
import type { WriteContext } from './write-context.ts';

export interface NewSegment {
  readonly id: string;
  /** Below the recordings folder, with `/`. */
  readonly path: string;
  /** ms since the epoch. */
  readonly startTime: number;
  readonly endTime: number;
  readonly codec: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly sizeBytes: number;
}

/** What a live recorder learnt from the segment; absent when an old file was found and adopted. */
export interface SegmentFigures {
  readonly fpsObserved: number | null;
  readonly bitrateKbps: number | null;
}

/**
 * Indexes a closed file with its events in one unit; a path that is there already makes it a no-op.
 * Figures move the status row forward only. Answers false when nothing was added: known already, or the camera is gone.
 */
export function addSegment(
  ctx: WriteContext,
  args: {
    incarnation: number;
    segment: NewSegment;
    live: SegmentFigures | null;
    events?: readonly NewEvent[];
  },
): boolean {
  const { segment, live } = args;
  const camera = ctx.sql('SELECT id FROM cameras WHERE incarnation = ?').get(args.incarnation) as
    { id: string } | undefined;
  if (camera === undefined) return false;
  const { changes } = ctx
    .sql(
      `INSERT INTO segments (id, camera_id, path, start_time, end_time, codec, width, height, size_bytes, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (path) DO NOTHING`,
    )
    .run(
      segment.id,
      camera.id,
      segment.path,
      segment.startTime,
      segment.endTime,
      segment.codec,
      segment.width,
      segment.height,
      segment.sizeBytes,
      ctx.now,
    );
  if (changes === 0) return false;
  addToTotals(ctx, camera.id, 1, segment.sizeBytes);
  if (live !== null)
    ctx
      .sql(
        `UPDATE camera_status SET last_segment_at = max(coalesce(last_segment_at, 0), ?),
           segments_written = segments_written + 1, fps_observed = ?, bitrate_kbps = ?, updated_at = ?
         WHERE camera_id = ?`,
      )
      .run(segment.endTime, live.fpsObserved, live.bitrateKbps, ctx.now, camera.id);
  for (const event of args.events ?? []) insertEvent(ctx, event);
  return true;
}

export interface PrunedSegment {
  readonly path: string;
  readonly sizeBytes: number;
}

/**
 * Drops rows from the index, but for those that are held as evidence or read under a lease by now; the caller deletes the files of what it answers.
 * Give at most some hundred ids at once.
 */
export function pruneSegments(ctx: WriteContext, args: { ids: readonly string[] }): PrunedSegment[] {
  const pruned: PrunedSegment[] = [];
  for (const id of args.ids) {
    const row = ctx
      .sql(
        `DELETE FROM segments WHERE id = ? AND evidence_locked = 0 AND ${notLeased}
         RETURNING camera_id, path, size_bytes`,
      )
      .get(id, ctx.now) as { camera_id: string; path: string; size_bytes: number } | undefined;
    if (row === undefined) continue;
    addToTotals(ctx, row.camera_id, -1, -row.size_bytes);
    pruned.push({ path: row.path, sizeBytes: row.size_bytes });
  }
  return pruned;
}

/** Takes a camera's segments out of the totals; its rows are about to go. */
export function forgetTotals(ctx: WriteContext, cameraId: string): void {
  const row = ctx
    .sql('SELECT segment_count, size_bytes FROM segment_totals WHERE camera_id = ?')
    .get(cameraId) as { segment_count: number; size_bytes: number } | undefined;
  if (row === undefined) return;
  addToTotals(ctx, cameraId, -row.segment_count, -row.size_bytes);
  ctx.sql('DELETE FROM segment_totals WHERE camera_id = ?').run(cameraId);
}

function addToTotals(ctx: WriteContext, cameraId: string, segmentCount: number, sizeBytes: number): void {
  for (const owner of [cameraId, ''])
    ctx
      .sql(
        `INSERT INTO segment_totals (camera_id, segment_count, size_bytes) VALUES (?, ?, ?)
         ON CONFLICT (camera_id) DO UPDATE SET
           segment_count = segment_count + excluded.segment_count, size_bytes = size_bytes + excluded.size_bytes`,
      )
      .run(owner, segmentCount, sizeBytes);
}
