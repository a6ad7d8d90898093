/** How cameras, their secrets and their status are read. */
import { and, asc, eq, isNotNull } from 'drizzle-orm';
import type { Keyring } from '../secrets/keyring.ts';
import { mapSecrets, secretPlace, type CameraRow, type CameraSecrets } from './cameras.ts';
import { cameraIncarnations, cameras, cameraSecrets, cameraStatus } from './schema.ts';
import type { ReadDb, Store } from './store.ts';

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

/** What secrets are read with. */
export type SecretReader = Pick<Store, 'read' | 'keyring'>;

/** Opened. @throws HeldarError `secret_unreadable`. */
export function readCameraSecrets({ read, keyring }: SecretReader, id: string): CameraSecrets {
  const row = read.select(secretColumns).from(cameraSecrets).where(eq(cameraSecrets.cameraId, id)).get();
  return row === undefined ? noSecrets : opened(keyring, id, row);
}

function opened(keyring: Keyring, cameraId: string, row: CameraSecrets): CameraSecrets {
  return mapSecrets(row, (text, name) => keyring.open(text, secretPlace(cameraId, name)));
}

/** Secrets of all cameras, opened, by camera id. */
export function listCameraSecrets({ read, keyring }: SecretReader): Map<string, CameraSecrets> {
  const rows = read
    .select({ cameraId: cameraSecrets.cameraId, ...secretColumns })
    .from(cameraSecrets)
    .all();
  return new Map(rows.map(({ cameraId, ...secrets }) => [cameraId, opened(keyring, cameraId, secrets)]));
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
