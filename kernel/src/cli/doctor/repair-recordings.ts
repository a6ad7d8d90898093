/** How `heldar doctor --repair` makes the index of recordings fit the files: rows without files go, files without rows are adopted. */
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createCameraRegistry, type CameraRegistry } from '../../cameras/registry.ts';
import { systemClock } from '../../clock.ts';
import { databaseFileOf } from '../../config/database-url.ts';
import type { ResolvedConfig } from '../../config/load-config.ts';
import { HeldarError } from '../../errors.ts';
import { flagOf, writeMarker, type RecordingRoot } from '../../recording/folder-identity.ts';
import { isClosedFileName } from '../../recording/file-names.ts';
import { createGarbage, type Garbage } from '../../recording/garbage.ts';
import { createIndexer, type Indexer } from '../../recording/indexer.ts';
import { adoptNamedFiles, adoptOpenFiles, scanFolder } from '../../recording/leftovers.ts';
import { namedRoots } from '../../recording/root-settings.ts';
import { createRecordingRoots, type RecordingRoots } from '../../recording/roots.ts';
import { openKeyring } from '../../secrets/keyring.ts';
import { openReader } from '../../store/database.ts';
import { createDoctorQueries, type DoctorQueries, type IndexedFile } from '../../store/doctor-queries.ts';
import { kernelMigrations } from '../../store/kernel-migrations.ts';
import { lockDataFolder } from '../../store/lock.ts';
import { migrationStatus } from '../../store/migrations/status.ts';
import { openStore, type Store } from '../../store/store.ts';

type Tell = (line: string) => void;

interface Repair {
  readonly store: Store;
  readonly queries: DoctorQueries;
  readonly registry: CameraRegistry;
  readonly roots: RecordingRoots;
  readonly indexer: Indexer;
  readonly garbage: Garbage;
  readonly tell: Tell;
}

/**
 * Says what it does, root by root. `adopt`: flags of roots that become this store's first.
 * @throws HeldarError `data_locked` while a kernel runs, `usage` for a root that is not in the settings, `store_unusable` when there is no
 * migrated database.
 */
export async function repairRecordings(
  { settings }: ResolvedConfig,
  adopt: readonly string[],
  tell: Tell,
): Promise<void> {
  const others = namedRoots(settings.recorder.roots);
  const known = [{ name: '', path: settings.recordingsDir }, ...others];
  const taken = adopt.map((flag) => rootOf(flag, known));
  const file = databaseFileOf(settings.databaseUrl);
  requireMigrated(file);
  const lock = lockDataFolder(settings.dataDir);
  try {
    const store = await openStore({
      file,
      clock: systemClock,
      keyring: openKeyring(file, settings.secrets),
      listeners: silentListeners,
    });
    try {
      for (const root of taken) {
        await writeMarker(root, store.storeId);
        tell(`✔ ${flagOf(root.name)}: taken over; it is this store's from now on`);
      }
      const log = loggerOf(tell);
      const common = { store, clock: systemClock, log };
      const roots = createRecordingRoots({ ...common, recordingsDir: settings.recordingsDir, others });
      await Promise.all(roots.all.map(({ name }) => roots.check(name)));
      const repair: Repair = {
        store,
        queries: createDoctorQueries(store.reader),
        registry: createCameraRegistry({ store }),
        roots,
        indexer: createIndexer({ ...common, roots }),
        garbage: createGarbage({ ...common, roots }),
        tell,
      };
      for (const root of roots.all) await repairRoot(repair, root);
      const { files, kept } = await repair.garbage.empty();
      tell(`✔ garbage: ${files} files deleted${kept === 0 ? '' : `, ${kept} could not be`}`);
    } finally {
      await store.close();
    }
  } finally {
    lock.release();
  }
}

function rootOf(flag: string, known: readonly RecordingRoot[]): RecordingRoot {
  const root = known.find(({ name }) => flagOf(name) === flag);
  if (root !== undefined) return root;
  const names = known.map(({ name }) => flagOf(name)).join(', ');
  throw new HeldarError('usage', `--adopt ${flag}: there is no such recordings root; there are ${names}`);
}

function requireMigrated(file: string): void {
  const missing = () =>
    new HeldarError(
      'store_unusable',
      `${file} is not there or not of this version: run heldar start once, which brings it up to date, then stop it and repair`,
    );
  if (!existsSync(file)) throw missing();
  const db = openReader(file);
  try {
    if (migrationStatus(db, [kernelMigrations()]).some(({ state }) => state === 'pending')) throw missing();
  } finally {
    db.close();
  }
}

async function repairRoot(repair: Repair, root: RecordingRoot): Promise<void> {
  const { tell, roots } = repair;
  const title = flagOf(root.name);
  const { identity } = await roots.check(root.name);
  if (identity !== 'ours') {
    tell(`✖ ${title}: left alone. ${roots.fault(root.name)?.detail ?? ''}`);
    return;
  }
  const rows = await repairRows(repair, root);
  tell(`✔ ${title}: ${rows.dropped} rows dropped whose file is gone, ${rows.resized} sizes put right`);
  for (const path of rows.heldWithoutFile)
    tell(`✖ ${title}: ${path} is held as evidence and its file is gone; release the hold to drop it`);
  let adopted = 0;
  for (const camera of await cameraFolders(root.path)) {
    const owner = repair.registry.get(camera);
    const scan = owner === undefined ? null : await scanFolder(owner, root);
    if (scan === null) {
      const left = (await readdir(join(root.path, camera))).filter(isClosedFileName).length;
      if (left > 0)
        tell(`✖ ${title}: ${left} files in ${camera}: no camera has that id. Create it, then repair again`);
      continue;
    }
    adopted += await adoptOpenFiles(repair.indexer, scan);
    adopted += await adoptNamedFiles(repair.indexer, repair.store, await scanFolder(scan.camera, root));
  }
  tell(`✔ ${title}: ${adopted} files adopted that were not indexed`);
  const forgotten = await forgetQuarantined(repair, root);
  if (forgotten > 0) tell(`✔ ${title}: ${forgotten} files forgotten that were in quarantine and are gone`);
}

/** At most this many rows a write. */
const batchSize = 200;

async function repairRows(
  { store, queries }: Repair,
  root: RecordingRoot,
): Promise<{ dropped: number; resized: number; heldWithoutFile: readonly string[] }> {
  let dropped = 0;
  let resized = 0;
  const heldWithoutFile: string[] = [];
  for (const page of queries.segments(batchSize)) {
    const gone: string[] = [];
    for (const row of page) {
      if (row.root !== root.name) continue;
      const sizeBytes = await sizeOf(root, row);
      if (sizeBytes === null && row.held === 1) heldWithoutFile.push(row.path);
      else if (sizeBytes === null) gone.push(row.id);
      else if (sizeBytes !== row.sizeBytes) {
        await store.write('segments.resize', { id: row.id, sizeBytes });
        resized += 1;
      }
    }
    if (gone.length > 0) dropped += await store.write('segments.forget', { ids: gone });
  }
  return { dropped, resized, heldWithoutFile };
}

/** null: it is not there. What can't be read for another reason is an error: nothing is concluded from it. */
async function sizeOf(root: RecordingRoot, { path }: Pick<IndexedFile, 'path'>): Promise<number | null> {
  try {
    return (await stat(join(root.path, path))).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function forgetQuarantined({ store, queries }: Repair, root: RecordingRoot): Promise<number> {
  const gone: { root: string; path: string }[] = [];
  for (const row of queries.quarantined(root.name)) if ((await sizeOf(root, row)) === null) gone.push(row);
  for (let position = 0; position < gone.length; position += batchSize)
    await store.write('quarantined.drop', gone.slice(position, position + batchSize));
  return gone.length;
}

async function cameraFolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name);
}

function loggerOf(tell: Tell) {
  const line = (about: unknown, text?: string) =>
    tell(`  ${text ?? ''} ${typeof about === 'string' ? about : JSON.stringify(about)}`);
  return { debug() {}, info() {}, warn: line, error: line };
}

const silentListeners = {
  onBatch() {},
  onRecord() {},
  onJournal() {},
  onSettled() {},
  onExit(error: Error) {
    throw error;
  },
};
