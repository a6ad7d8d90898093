/** Do the index of recordings and the files on the disks tell the same? */
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { databaseFileOf } from '../../config/database-url.ts';
import type { ResolvedConfig } from '../../config/load-config.ts';
import { messageOf } from '../../errors.ts';
import { isClosedFileName, parseOpenFileName } from '../../recording/file-names.ts';
import { flagOf, readMarker, type RecordingRoot } from '../../recording/folder-identity.ts';
import { quarantineFolder } from '../../recording/quarantine.ts';
import { namedRoots } from '../../recording/root-settings.ts';
import { openReader } from '../../store/database.ts';
import { createDoctorQueries, type DoctorQueries, type IndexedFile } from '../../store/doctor-queries.ts';
import { kernelMigrations } from '../../store/kernel-migrations.ts';
import { isDataFolderHeld } from '../../store/lock.ts';
import { migrationStatus } from '../../store/migrations/status.ts';
import type { Finding } from './checks.ts';

const examplesShown = 5;
/** A running kernel may be about to index a file this young, or to delete one whose row is gone, ms. */
const settlesWithinMs = 120_000;

export async function* checkRecordings({ settings }: ResolvedConfig): AsyncGenerator<Finding> {
  const { recordingsDir, dataDir } = settings;
  const file = databaseFileOf(settings.databaseUrl);
  if (!existsSync(file)) return;
  const db = openReader(file);
  try {
    // Before a start has brought it up to date there is nothing to compare with.
    if (migrationStatus(db, [kernelMigrations()]).some(({ state }) => state === 'pending')) return;
    const queries = createDoctorQueries(db);
    const isLive = isDataFolderHeld(dataDir);
    const roots = [{ name: '', path: recordingsDir }, ...namedRoots(settings.recorder.roots)];
    for (const root of roots) yield* compare({ queries, root, isLive });
    yield* rootsWithoutSetting(queries, roots);
  } finally {
    db.close();
  }
}

interface Comparison {
  readonly queries: DoctorQueries;
  readonly root: RecordingRoot;
  readonly isLive: boolean;
}

const repairNext = 'heldar doctor --repair, with the kernel stopped, makes the index fit the files';

async function* compare(comparison: Comparison): AsyncGenerator<Finding> {
  const { queries, root, isLive } = comparison;
  const title = titleOf(root);
  const foreign = await foreignMarker(comparison);
  if (foreign !== null) {
    yield {
      ok: false,
      text: `${title}: ${root.path} ${foreign}`,
      next: `mount the right disk, or set it to where this store’s footage lies; heldar doctor --repair --adopt ${flagOf(root.name)} takes it over as it is`,
    };
    return;
  }
  const rows = await checkRows(comparison);
  yield summary(
    rows.wrong,
    `${title}: all ${rows.checked} indexed files are there, with their size`,
    `${title}: ${rows.wrong.length} of ${rows.checked} indexed files are not as the index says`,
    `is the disk mounted? What is lost can’t be brought back; ${repairNext}`,
  );
  const files = await checkFiles(comparison);
  yield summary(
    files.wrong,
    `${title}: all ${files.checked} closed files are indexed`,
    `${title}: ${files.wrong.length} of ${files.checked} closed files are not indexed`,
    isLive ? 'a restart of the kernel scans for them' : `heldar start indexes what it finds; ${repairNext}`,
  );
  const garbage = queries.garbage(root.name).map(({ path }) => path);
  yield summary(
    // A running kernel is about to delete them.
    isLive ? [] : garbage,
    `${title}: nothing waits to be deleted`,
    `${title}: ${garbage.length} files wait to be deleted`,
    `heldar start deletes them; ${repairNext}`,
  );
  const kept = queries.quarantined(root.name).map(({ path, reason }) => `${path}: ${reason}`);
  const unlisted = await unlistedQuarantine(comparison);
  yield summary(
    [...kept, ...unlisted],
    `${title}: nothing is in quarantine`,
    `${title}: ${kept.length + unlisted.length} files are in quarantine: they can’t be read as footage`,
    `look at them with ffprobe, and delete them in ${join(root.path, quarantineFolder)} when they are of no use; heldar doctor --repair then forgets them`,
  );
}

function titleOf({ name }: RecordingRoot): string {
  return name === '' ? 'recordings' : `recordings root ${name}`;
}

function summary(wrong: readonly string[], fine: string, problem: string, next: string): Finding {
  if (wrong.length === 0) return { ok: true, text: fine };
  const shown = wrong.slice(0, examplesShown);
  const more = wrong.length - shown.length;
  return { ok: false, text: [problem, ...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'), next };
}

/** Why this is not the store's own folder; null: it is, or bears no marker yet. */
async function foreignMarker({ queries, root }: Comparison): Promise<string | null> {
  try {
    const marker = await readMarker(root.path);
    const storeId = queries.storeId();
    if (marker === null) return null;
    if (marker.storeId !== storeId) return `belongs to another store (${marker.storeId}, not ${storeId})`;
    return marker.root === root.name ? null : `is the root ${flagOf(marker.root)}, not ${flagOf(root.name)}`;
  } catch (error) {
    return `can’t be read: ${messageOf(error)}`;
  }
}

interface Compared {
  readonly checked: number;
  readonly wrong: readonly string[];
}

async function checkRows({ queries, root, isLive }: Comparison): Promise<Compared> {
  const wrong: string[] = [];
  let checked = 0;
  for (const page of queries.segments())
    for (const row of page) {
      if (row.root !== root.name) continue;
      checked += 1;
      const problem = await problemOf(row, root.path);
      // Retention of a running kernel takes the row first, the file second.
      if (problem !== null && !(isLive && queries.indexed(root.name, [row.path]).size === 0))
        wrong.push(problem);
    }
  return { checked, wrong };
}

async function problemOf({ path, sizeBytes }: IndexedFile, folder: string): Promise<string | null> {
  try {
    const { size } = await stat(join(folder, path));
    return size === sizeBytes ? null : `${path}: ${size} bytes, the index says ${sizeBytes}`;
  } catch (error) {
    return `${path}: ${(error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : String(error)}`;
  }
}

/** Files of recordings that are in no table; a running kernel is writing some of them. */
async function checkFiles({ queries, root, isLive }: Comparison): Promise<Compared> {
  const wrong: string[] = [];
  let checked = 0;
  const garbage = new Set(queries.garbage(root.name).map(({ path }) => path));
  for (const camera of await foldersIn(root.path)) {
    const names = await readdir(join(root.path, camera));
    const closed = names.filter((name) => isClosedFileName(name) || isLeftOpen(name, isLive));
    const paths = closed.map((name) => `${camera}/${name}`).filter((path) => !garbage.has(path));
    const indexed = queries.indexed(root.name, paths);
    checked += paths.length;
    for (const path of paths)
      if (!indexed.has(path) && !(isLive && (await isYoung(join(root.path, path))))) wrong.push(path);
  }
  return { checked, wrong };
}

function isLeftOpen(name: string, isLive: boolean): boolean {
  return !isLive && parseOpenFileName(name) !== undefined;
}

async function unlistedQuarantine({ queries, root, isLive }: Comparison): Promise<string[]> {
  const listed = new Set(queries.quarantined(root.name).map(({ path }) => path));
  const found: string[] = [];
  for (const camera of await foldersIn(join(root.path, quarantineFolder)))
    for (const name of await readdir(join(root.path, quarantineFolder, camera))) {
      const path = `${quarantineFolder}/${camera}/${name}`;
      if (!listed.has(path) && !(isLive && (await isYoung(join(root.path, path)))))
        found.push(`${path}: in no table`);
    }
  return found;
}

function* rootsWithoutSetting(queries: DoctorQueries, roots: readonly RecordingRoot[]): Generator<Finding> {
  for (const { root, segments } of queries.roots())
    if (!roots.some(({ name }) => name === root))
      yield {
        ok: false,
        text: `recordings root ${root}: ${segments} segments lie in it, and it is not in the settings`,
        next: `name it: HELDAR_RECORDINGS_ROOTS=${root}=/where/it/lies`,
      };
}

async function foldersIn(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name);
}

async function isYoung(file: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(file)).mtimeMs < settlesWithinMs;
  } catch {
    // Gone meanwhile: retention took it.
    return true;
  }
}
