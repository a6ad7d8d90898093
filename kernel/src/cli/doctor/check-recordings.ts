/** Do the index of recordings and the files on the disk tell the same? */
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { databaseFileOf } from '../../config/database-url.ts';
import type { ResolvedConfig } from '../../config/load-config.ts';
import { isClosedFileName } from '../../recording/file-names.ts';
import { markerFile } from '../../recording/folder-identity.ts';
import { openReader } from '../../store/database.ts';
import { createDoctorQueries, type DoctorQueries, type IndexedFile } from '../../store/doctor-queries.ts';
import { isDataFolderHeld } from '../../store/lock.ts';
import { readLedger } from '../../store/migrations/ledger.ts';
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
    if (readLedger(db).length === 0) return;
    const queries = createDoctorQueries(db);
    yield* compare(queries, recordingsDir, isDataFolderHeld(dataDir));
  } finally {
    db.close();
  }
}

async function* compare(queries: DoctorQueries, folder: string, isLive: boolean): AsyncGenerator<Finding> {
  const marker = await readMarker(folder);
  if (marker !== null && marker !== queries.storeId()) {
    yield {
      ok: false,
      text: `recordings: ${folder} belongs to another store (${marker}, not ${queries.storeId()})`,
      next: 'mount the right disk, or set recordingsDir to where this store’s footage lies',
    };
    return;
  }
  const rows = await checkRows(queries, folder, isLive);
  yield summary(
    rows.wrong,
    `recordings: all ${rows.checked} indexed files are there, with their size`,
    `recordings: ${rows.wrong.length} of ${rows.checked} indexed files are not as the index says`,
    'is the disk mounted? What is lost can’t be brought back; retention drops the rows with their age',
  );
  const files = await checkFiles(queries, folder, isLive);
  yield summary(
    files.wrong,
    `recordings: all ${files.checked} closed files are indexed`,
    `recordings: ${files.wrong.length} of ${files.checked} closed files are not indexed`,
    isLive ? 'a restart of the kernel scans for them' : 'heldar start indexes what it finds',
  );
}

function summary(wrong: readonly string[], fine: string, problem: string, next: string): Finding {
  if (wrong.length === 0) return { ok: true, text: fine };
  const shown = wrong.slice(0, examplesShown);
  const more = wrong.length - shown.length;
  return { ok: false, text: [problem, ...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'), next };
}

async function readMarker(folder: string): Promise<string | null> {
  try {
    return (await readFile(join(folder, markerFile), 'utf8')).trim();
  } catch {
    // Without footage there is no marker yet.
    return null;
  }
}

interface Compared {
  readonly checked: number;
  readonly wrong: readonly string[];
}

async function checkRows(queries: DoctorQueries, folder: string, isLive: boolean): Promise<Compared> {
  const wrong: string[] = [];
  let checked = 0;
  for (const page of queries.segments()) {
    checked += page.length;
    for (const row of page) {
      const problem = await problemOf(row, folder);
      // Retention of a running kernel takes the row first, the file second.
      if (problem !== null && !(isLive && queries.indexed([row.path]).size === 0)) wrong.push(problem);
    }
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

async function checkFiles(queries: DoctorQueries, folder: string, isLive: boolean): Promise<Compared> {
  const wrong: string[] = [];
  let checked = 0;
  for (const camera of await foldersIn(folder)) {
    const closed = (await readdir(join(folder, camera))).filter(isClosedFileName);
    const paths = closed.map((name) => `${camera}/${name}`);
    const indexed = queries.indexed(paths);
    checked += paths.length;
    for (const path of paths)
      if (!indexed.has(path) && !(isLive && (await isYoung(join(folder, path))))) wrong.push(path);
  }
  return { checked, wrong };
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
