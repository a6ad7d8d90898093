/** How closed recordings enter and leave the index, and how the running totals follow. */
import { insertEvent } from './events.ts';
import { insertGap, type NewGap } from './gaps.ts';
import { addGarbage } from './garbage.ts';
import { notLeased } from './leases.ts';
import { queueForMirror } from './mirrors.ts';
import { previewPath } from './segment-paths.ts';
import type { NewEvent } from './units.ts';
import type { WriteContext } from './write-context.ts';

export interface NewSegment {
  readonly id: string;
  /** The recording root it lies in; default '', the recordings folder. */
  readonly root?: string;
  /** Below its root, with `/`. No two roots have the same: it is the segment's address on the wire. */
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
 * Indexes a closed file with its gaps and events in one unit; a path that is there already makes it a no-op.
 * Figures move the status row forward only. Answers false when nothing was added: known already, or the camera is gone.
 */
export function addSegment(
  ctx: WriteContext,
  args: {
    incarnation: number;
    segment: NewSegment;
    live: SegmentFigures | null;
    /** Holes before it that were meant to be recorded. */
    gaps?: readonly NewGap[];
    events?: readonly NewEvent[];
  },
): boolean {
  const { segment, live } = args;
  const camera = ctx.sql('SELECT id FROM cameras WHERE incarnation = ?').get(args.incarnation) as
    { id: string } | undefined;
  if (camera === undefined) return false;
  const { changes } = ctx
    .sql(
      `INSERT INTO segments (id, camera_id, root, path, start_time, end_time, codec, width, height, size_bytes, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (path) DO NOTHING`,
    )
    .run(
      segment.id,
      camera.id,
      segment.root ?? '',
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
  addToTotals(ctx, camera.id, { segmentCount: 1, sizeBytes: segment.sizeBytes, heldCount: 0, heldBytes: 0 });
  addWritten(ctx, segment);
  queueForMirror(ctx, camera.id, segment.id);
  if (live !== null)
    ctx
      .sql(
        `UPDATE camera_status SET last_segment_at = max(coalesce(last_segment_at, 0), ?),
           segments_written = segments_written + 1, fps_observed = ?, bitrate_kbps = ?, updated_at = ?
         WHERE camera_id = ?`,
      )
      .run(segment.endTime, live.fpsObserved, live.bitrateKbps, ctx.now, camera.id);
  for (const gap of args.gaps ?? []) insertGap(ctx, camera.id, gap);
  for (const event of args.events ?? []) insertEvent(ctx, event);
  return true;
}

export interface PrunedSegment {
  readonly root: string;
  readonly path: string;
  readonly sizeBytes: number;
}

interface DeletedRow {
  camera_id: string;
  root: string;
  path: string;
  size_bytes: number;
  preview_bytes: number | null;
}

/**
 * Drops rows from the index and notes their files as garbage, in one unit, but for those that are held as evidence or are being
 * read (a lease in force) by now. Give at most some hundred ids at once.
 */
export function pruneSegments(ctx: WriteContext, args: { ids: readonly string[] }): PrunedSegment[] {
  const pruned: PrunedSegment[] = [];
  for (const id of args.ids) {
    const row = ctx
      .sql(
        `DELETE FROM segments WHERE id = ? AND evidence_locked = 0 AND ${notLeased}
         RETURNING camera_id, root, path, size_bytes, preview_bytes`,
      )
      .get(id, ctx.now) as DeletedRow | undefined;
    if (row === undefined) continue;
    const { root, path, size_bytes: sizeBytes, preview_bytes: previewBytes } = row;
    addToTotals(ctx, row.camera_id, {
      segmentCount: -1,
      sizeBytes: -sizeBytes,
      heldCount: 0,
      heldBytes: 0,
    });
    addGarbage(ctx, { kind: 'segment', root, path, sizeBytes });
    if (previewBytes !== null && previewBytes > 0)
      addGarbage(ctx, { kind: 'preview', root, path: previewPath(path), sizeBytes: previewBytes });
    pruned.push({ root, path, sizeBytes });
  }
  return pruned;
}

/** Drops rows whose files are known to be gone, but for those held as evidence: of these somebody must know. Answers how many went. */
export function forgetSegments(ctx: WriteContext, args: { ids: readonly string[] }): number {
  let forgotten = 0;
  for (const id of args.ids) {
    const row = ctx
      .sql('DELETE FROM segments WHERE id = ? AND evidence_locked = 0 RETURNING camera_id, size_bytes')
      .get(id) as { camera_id: string; size_bytes: number } | undefined;
    if (row === undefined) continue;
    forgotten += 1;
    addToTotals(ctx, row.camera_id, {
      segmentCount: -1,
      sizeBytes: -row.size_bytes,
      heldCount: 0,
      heldBytes: 0,
    });
  }
  return forgotten;
}

/** Notes the size a file has, where the index says another. Answers false when there is no such segment. */
export function resizeSegment(ctx: WriteContext, args: { id: string; sizeBytes: number }): boolean {
  const row = ctx
    .sql('SELECT camera_id, size_bytes, evidence_locked FROM segments WHERE id = ?')
    .get(args.id) as { camera_id: string; size_bytes: number; evidence_locked: number } | undefined;
  if (row === undefined) return false;
  ctx.sql('UPDATE segments SET size_bytes = ? WHERE id = ?').run(args.sizeBytes, args.id);
  const more = args.sizeBytes - row.size_bytes;
  addToTotals(ctx, row.camera_id, {
    segmentCount: 0,
    sizeBytes: more,
    heldCount: 0,
    heldBytes: row.evidence_locked === 1 ? more : 0,
  });
  return true;
}

/**
 * Puts a segment under evidence hold or releases it; again changes nothing. An incident given replaces the tag, null keeps it.
 * Answers false when there is no such segment.
 */
export function holdSegment(
  ctx: WriteContext,
  args: { id: string; held: boolean; incidentId: string | null },
): boolean {
  const row = ctx
    .sql('SELECT camera_id, size_bytes, evidence_locked FROM segments WHERE id = ?')
    .get(args.id) as { camera_id: string; size_bytes: number; evidence_locked: number } | undefined;
  if (row === undefined) return false;
  ctx
    .sql('UPDATE segments SET evidence_locked = ?, incident_id = coalesce(?, incident_id) WHERE id = ?')
    .run(Number(args.held), args.incidentId, args.id);
  const change = Number(args.held) - row.evidence_locked;
  if (change !== 0)
    addToTotals(ctx, row.camera_id, {
      segmentCount: 0,
      sizeBytes: 0,
      heldCount: change,
      heldBytes: change * row.size_bytes,
    });
  return true;
}

/** Sets or clears the incident tag; the hold stays as it is. Answers false when there is no such segment. */
export function tagSegment(ctx: WriteContext, args: { id: string; incidentId: string | null }): boolean {
  const { changes } = ctx
    .sql('UPDATE segments SET incident_id = ? WHERE id = ?')
    .run(args.incidentId, args.id);
  return changes > 0;
}

interface Totals {
  readonly segmentCount: number;
  readonly sizeBytes: number;
  readonly heldCount: number;
  readonly heldBytes: number;
}

/** Notes the size of a segment's preview; 0: none can be made. Answers false when the segment is gone. */
export function setPreview(ctx: WriteContext, args: { id: string; sizeBytes: number }): boolean {
  return (
    ctx.sql('UPDATE segments SET preview_bytes = ? WHERE id = ?').run(args.sizeBytes, args.id).changes > 0
  );
}

/** Takes a camera's segments out of the totals; its rows are about to go. */
export function forgetTotals(ctx: WriteContext, cameraId: string): void {
  const row = ctx
    .sql('SELECT segment_count, size_bytes, held_count, held_bytes FROM segment_totals WHERE camera_id = ?')
    .get(cameraId) as
    { segment_count: number; size_bytes: number; held_count: number; held_bytes: number } | undefined;
  if (row === undefined) return;
  addToTotals(ctx, cameraId, {
    segmentCount: -row.segment_count,
    sizeBytes: -row.size_bytes,
    heldCount: -row.held_count,
    heldBytes: -row.held_bytes,
  });
  ctx.sql('DELETE FROM segment_totals WHERE camera_id = ?').run(cameraId);
}

function addToTotals(ctx: WriteContext, cameraId: string, more: Totals): void {
  for (const owner of [cameraId, ''])
    ctx
      .sql(
        `INSERT INTO segment_totals (camera_id, segment_count, size_bytes, held_count, held_bytes) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (camera_id) DO UPDATE SET
           segment_count = segment_count + excluded.segment_count, size_bytes = size_bytes + excluded.size_bytes,
           held_count = held_count + excluded.held_count, held_bytes = held_bytes + excluded.held_bytes`,
      )
      .run(owner, more.segmentCount, more.sizeBytes, more.heldCount, more.heldBytes);
}

const hourMs = 3_600_000;
/** Longer ago than any rate of writing looks back, hours. */
const writtenHoursKept = 31 * 24;

function addWritten(ctx: WriteContext, { endTime, sizeBytes }: NewSegment): void {
  const hour = Math.floor(endTime / hourMs);
  const oldest = Math.floor(ctx.now / hourMs) - writtenHoursKept;
  if (hour < oldest) return;
  ctx
    .sql(
      `INSERT INTO written_hours (hour, size_bytes) VALUES (?, ?)
       ON CONFLICT (hour) DO UPDATE SET size_bytes = size_bytes + excluded.size_bytes`,
    )
    .run(hour, sizeBytes);
  ctx.sql('DELETE FROM written_hours WHERE hour < ?').run(oldest);
}
