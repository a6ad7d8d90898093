/** Which files among the recordings can't be read as footage: kept where a person finds them, and listed. */
import { insertEvent } from './events.ts';
import type { NewEvent } from './units.ts';
import type { WriteContext } from './write-context.ts';

export interface QuarantinedFile {
  readonly root: string;
  /** Where it lies now, below the root, with `/`. */
  readonly path: string;
  readonly cameraId: string;
  readonly reason: string;
  readonly sizeBytes: number;
}

/** Lists a file that was moved, with the event that tells of it. */
export function addQuarantined(
  ctx: WriteContext,
  args: { file: QuarantinedFile; events: readonly NewEvent[] },
): void {
  const { root, path, cameraId, reason, sizeBytes } = args.file;
  ctx
    .sql(
      `INSERT INTO quarantined (root, path, camera_id, reason, size_bytes, since) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (root, path) DO UPDATE SET reason = excluded.reason, size_bytes = excluded.size_bytes`,
    )
    .run(root, path, cameraId, reason, sizeBytes, ctx.now);
  for (const event of args.events) insertEvent(ctx, event);
}

/** Forgets files that are there no more. Give at most some hundred at once. */
export function dropQuarantined(
  ctx: WriteContext,
  files: readonly Pick<QuarantinedFile, 'root' | 'path'>[],
): void {
  for (const { root, path } of files)
    ctx.sql('DELETE FROM quarantined WHERE root = ? AND path = ?').run(root, path);
}
