/** Which cameras a caller may see. */
import type { CameraScope } from '@heldar/plugin-sdk';
import { inArray, sql } from 'drizzle-orm';

/** No restriction: every camera there is, and every row, also those of cameras that are gone or of none. */
export function everyCamera(exists: (cameraId: string) => boolean): CameraScope {
  return { owns: () => sql`1 = 1`, includes: exists };
}

/** Only these, as far as they exist, and only rows of theirs; with none, nothing at all. */
export function namedCameras(ids: readonly string[], exists: (cameraId: string) => boolean): CameraScope {
  const named = new Set(ids);
  return {
    owns: (column) => (ids.length === 0 ? sql`1 = 0` : inArray(column, [...ids])),
    includes: (id) => named.has(id) && exists(id),
  };
}
