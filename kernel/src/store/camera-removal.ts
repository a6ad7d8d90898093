/** How a camera's removal is kept in mind until it is done, and how the rows of its files become garbage in bounded steps. */
import { HeldarError } from '../errors.ts';
import { addGarbage, type GarbageKind } from './garbage.ts';
import type { WriteContext } from './write-context.ts';

/** Begins the keys of `meta` that name cameras which are being removed. */
export const removalKey = 'removing:';

/**
 * From here on the removal is finished at the next start, should the kernel end before.
 * @throws HeldarError `not_found`, or `conflict` while a segment is held as evidence.
 */
export function beginRemoval(ctx: WriteContext, args: { id: string }): { incarnation: number } {
  const { id } = args;
  const row = ctx.sql('SELECT incarnation FROM cameras WHERE id = ?').get(id) as
    { incarnation: number } | undefined;
  if (row === undefined) throw new HeldarError('not_found', `camera ${id} not found`);
  const held = ctx.sql('SELECT 1 FROM segments WHERE camera_id = ? AND evidence_locked = 1 LIMIT 1').get(id);
  if (held !== undefined)
    throw new HeldarError(
      'conflict',
      `the camera '${id}' has footage held as evidence; release the holds first`,
    );
  ctx
    .sql('INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO NOTHING')
    .run(removalKey + id, String(row.incarnation));
  return { incarnation: row.incarnation };
}

/** The removal is done, or was given up. */
export function endRemoval(ctx: WriteContext, args: { id: string }): void {
  ctx.sql('DELETE FROM meta WHERE key = ?').run(removalKey + args.id);
}

interface Doomed {
  readonly path: string;
  readonly sizeBytes: number;
}

/** Where a camera's files are noted besides its segments (review sessions have none); each statement takes camera and limit. */
const sources: readonly (readonly [GarbageKind, string])[] = [
  [
    'snapshot',
    `DELETE FROM evidence WHERE file IN (SELECT file FROM evidence WHERE camera_id = ? LIMIT ?)
     RETURNING file AS path, 0 AS sizeBytes`,
  ],
  [
    'snapshot',
    `DELETE FROM snapshots WHERE id IN (SELECT id FROM snapshots WHERE camera_id = ? LIMIT ?)
     RETURNING path, size_bytes AS sizeBytes`,
  ],
  [
    'clip',
    `DELETE FROM clips WHERE id IN (SELECT id FROM clips WHERE camera_id = ? LIMIT ?)
     RETURNING id || '.mp4' AS path, size_bytes AS sizeBytes`,
  ],
];

/** Turns at most `limit` rows of a camera's stills and clips into garbage; answers how many. Fewer than `limit`: there are no more. */
export function doomFiles(ctx: WriteContext, args: { cameraId: string; limit: number }): number {
  let doomed = 0;
  for (const [kind, statement] of sources) {
    const rows = ctx.sql(statement).all(args.cameraId, args.limit - doomed) as Doomed[];
    for (const row of rows) addGarbage(ctx, { kind, root: '', ...row });
    doomed += rows.length;
  }
  return doomed;
}
