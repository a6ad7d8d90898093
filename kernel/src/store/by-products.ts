/** How clips and stills that are over their limits leave their tables: with the row goes a note of the file, as garbage. */
import { addGarbage } from './garbage.ts';
import type { WriteContext } from './write-context.ts';

/** Drops clips that are whole, with their files. Give at most some hundred ids at once. Answers how many went. */
export function pruneClips(ctx: WriteContext, args: { ids: readonly string[] }): number {
  let pruned = 0;
  for (const id of args.ids) {
    const row = ctx
      .sql(`DELETE FROM clips WHERE id = ? AND state <> 'building' RETURNING size_bytes`)
      .get(id) as { size_bytes: number } | undefined;
    if (row === undefined) continue;
    addGarbage(ctx, { kind: 'clip', root: '', path: `${id}.mp4`, sizeBytes: row.size_bytes });
    pruned += 1;
  }
  return pruned;
}

/** Drops at most `limit` stills of schedules taken before that time (ms), with their files, the oldest first. Answers how many went. */
export function pruneSnapshots(ctx: WriteContext, args: { before: number; limit: number }): number {
  const rows = ctx
    .sql(
      `DELETE FROM snapshots WHERE id IN (SELECT id FROM snapshots WHERE taken_at < ? ORDER BY taken_at LIMIT ?)
       RETURNING path, size_bytes`,
    )
    .all(args.before, args.limit) as { path: string; size_bytes: number }[];
  for (const row of rows)
    addGarbage(ctx, { kind: 'snapshot', root: '', path: row.path, sizeBytes: row.size_bytes });
  return rows.length;
}
