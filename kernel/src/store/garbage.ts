/** Which files are to be deleted: noted in the unit that drops their row, forgotten once they are gone. */
import type { garbage } from './media-schema.ts';
import type { WriteContext } from './write-context.ts';

export type GarbageRow = typeof garbage.$inferSelect;
export type GarbageKind = GarbageRow['kind'];
/** What names a file to be deleted. */
export type GarbageKey = Pick<GarbageRow, 'kind' | 'root' | 'path'>;

/** Notes a file whose row goes in the same unit. */
export function addGarbage(ctx: WriteContext, file: GarbageKey & { sizeBytes: number }): void {
  ctx
    .sql(
      `INSERT INTO garbage (kind, root, path, size_bytes, since) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (kind, root, path) DO NOTHING`,
    )
    .run(file.kind, file.root, file.path, file.sizeBytes, ctx.now);
}

/** Forgets files that are gone. Give at most some hundred at once. */
export function dropGarbage(ctx: WriteContext, files: readonly GarbageKey[]): void {
  for (const { kind, root, path } of files)
    ctx.sql('DELETE FROM garbage WHERE kind = ? AND root = ? AND path = ?').run(kind, root, path);
}
