/** How cameras, their secrets and their status are read. */
import { and, asc, eq, isNotNull } from 'drizzle-orm';
import type { CameraRow, CameraSecrets } from './cameras.ts';
import { cameraIncarnations, cameras, cameraSecrets, cameraStatus } from './schema.ts';
import type { ReadDb } from './store.ts';

export type CameraStatusRow = typeof cameraStatus.$inferSelect;

/** All cameras, ascending by id. */
export function listCameras(db: ReadDb): CameraRow[] {
  return db.select().from(cameras).orderBy(asc(cameras.id)).all();
}

export function readCamera(db: ReadDb, id: string): CameraRow | undefined {
  return db.select().from(cameras).where(eq(cameras.id, id)).get();
}

const secretColumns = {
  password: cameraSecrets.password,
  mainStreamUrl: cameraSecrets.mainStreamUrl,
  subStreamUrl: cameraSecrets.subStreamUrl,
  anrReplayUrlTemplate: cameraSecrets.anrReplayUrlTemplate,
};

export const noSecrets: CameraSecrets = {
  password: null,
  mainStreamUrl: null,
  subStreamUrl: null,
  anrReplayUrlTemplate: null,
};

export function readCameraSecrets(db: ReadDb, id: string): CameraSecrets {
  return (
    db.select(secretColumns).from(cameraSecrets).where(eq(cameraSecrets.cameraId, id)).get() ?? noSecrets
  );
}

/** Secrets of all cameras, by camera id. */
export function listCameraSecrets(db: ReadDb): Map<string, CameraSecrets> {
  const rows = db
    .select({ cameraId: cameraSecrets.cameraId, ...secretColumns })
    .from(cameraSecrets)
    .all();
  return new Map(rows.map(({ cameraId, ...secrets }) => [cameraId, secrets]));
}

/** Status of every camera, ascending by camera id. */
export function listCameraStatus(db: ReadDb): CameraStatusRow[] {
  return db.select().from(cameraStatus).orderBy(asc(cameraStatus.cameraId)).all();
}

export function readCameraStatus(db: ReadDb, id: string): CameraStatusRow | undefined {
  return db.select().from(cameraStatus).where(eq(cameraStatus.cameraId, id)).get();
}

/** True when the id belonged to a camera that was deleted, and belongs to none now: what is left of it may go. */
export function wasDeleted(db: ReadDb, id: string): boolean {
  if (readCamera(db, id) !== undefined) return false;
  return (
    db
      .select({ incarnation: cameraIncarnations.incarnation })
      .from(cameraIncarnations)
      .where(and(eq(cameraIncarnations.cameraId, id), isNotNull(cameraIncarnations.deletedAt)))
      .limit(1)
      .get() !== undefined
  );
}
