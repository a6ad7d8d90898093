/** A real store with the registry in step with it, in a folder of its own: what the media tests stand on. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newCamera, cameraCreateBody, type CameraCreateBody } from '../src/cameras/validation.ts';
import { createCameraRegistry, type CameraRegistry } from '../src/cameras/registry.ts';
import { systemClock, type Clock } from '../src/clock.ts';
import { openKeyring } from '../src/secrets/keyring.ts';
import { openWriter } from '../src/store/database.ts';
import { kernelMigrations } from '../src/store/kernel-migrations.ts';
import { migrate } from '../src/store/migrations/migrate.ts';
import { openStore, type Store } from '../src/store/store.ts';

export interface MediaStore extends AsyncDisposable {
  readonly folder: string;
  readonly recordingsDir: string;
  readonly store: Store;
  readonly registry: CameraRegistry;
  /** As if a preview of that size had been made. */
  setPreviewBytes(segmentId: string, bytes: number): Promise<void>;
  createCamera(body: Partial<CameraCreateBody> & { name: string }): Promise<string>;
  sql<Row>(text: string, ...params: unknown[]): Row[];
}

export const cameraDefaults = {
  segmentSeconds: 60,
  retentionHours: 24,
  quotaGb: 0,
  recordAudio: false,
  preRollSeconds: 10,
  postRollSeconds: 30,
};

export const silentLog = { debug() {}, info() {}, warn() {}, error() {} };

/** `into`: an existing folder; default one of its own. */
export async function openMediaStore(into?: string, clock: Clock = systemClock): Promise<MediaStore> {
  const folder = into ?? (await mkdtemp(join(tmpdir(), 'heldar-media-')));
  const db = openWriter(join(folder, 'heldar.db'));
  migrate(db, kernelMigrations(), { clock, allowDrafts: false });
  db.close();
  return await reopenMediaStore(folder, clock);
}

/** Opens the store of that folder again, as a restart of the kernel would. */
export async function reopenMediaStore(folder: string, clock: Clock = systemClock): Promise<MediaStore> {
  const file = join(folder, 'heldar.db');
  const store = await openStore({
    file,
    clock,
    keyring: openKeyring(file, { key: null, keyFile: join(folder, 'secret.key') }),
    listeners: {
      onBatch() {},
      onRecord: (record) => registry.apply(record),
      onJournal() {},
      onSettled() {},
      onExit(error) {
        throw error;
      },
    },
  });
  const registry = createCameraRegistry({ store });
  return {
    folder,
    recordingsDir: join(folder, 'recordings'),
    store,
    registry,
    setPreviewBytes(segmentId, bytes) {
      const db = openWriter(join(folder, 'heldar.db'));
      db.prepare('UPDATE segments SET preview_bytes = ? WHERE id = ?').run(bytes, segmentId);
      db.close();
      return Promise.resolve();
    },
    async createCamera(body) {
      const camera = newCamera(cameraCreateBody.parse(body), cameraDefaults);
      await store.write('cameras.create', camera);
      return camera.id;
    },
    sql: <Row>(text: string, ...params: unknown[]) => store.reader.prepare(text).all(...params) as Row[],
    async [Symbol.asyncDispose]() {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
