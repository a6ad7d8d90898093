/** Which removals of cameras are not finished? */
import { and, eq, gte, lt, notExists, sql } from 'drizzle-orm';
import { removalKey } from './camera-removal.ts';
import { cameras, evidence, meta } from './schema.ts';
import type { ReadDb } from './store.ts';

/** Ids of cameras whose removal has begun and not ended. */
export function removalsUnderWay(db: ReadDb): string[] {
  const end = `${removalKey.slice(0, -1)};`;
  return db
    .select({ key: meta.key })
    .from(meta)
    .where(and(gte(meta.key, removalKey), lt(meta.key, end)))
    .all()
    .map(({ key }) => key.slice(removalKey.length));
}

/** Ids of cameras that are gone and of which stills were kept afterwards: by consumers that were behind. */
export function camerasGoneWithStills(db: ReadDb): string[] {
  return db
    .selectDistinct({ cameraId: evidence.cameraId })
    .from(evidence)
    .where(
      notExists(
        db
          .select({ one: sql`1` })
          .from(cameras)
          .where(eq(cameras.id, evidence.cameraId)),
      ),
    )
    .all()
    .map(({ cameraId }) => cameraId);
}
