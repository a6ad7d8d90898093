/** Which files did an earlier process leave unindexed, and what becomes of them? */
import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { indexedPaths } from '../store/segment-queries.ts';
import type { Store } from '../store/store.ts';
import { isClosedFileName, parseOpenFileName, timeOfClosedFile } from './file-names.ts';
import type { IndexedRun, Indexer } from './indexer.ts';

type ScannedCamera = IndexedRun['camera'];

/**
 * Indexes files that were still open when their recorder or the kernel was killed, but for those of the runs named as live.
 * Answers how many segments they gave.
 */
export async function adoptOpenFiles(
  indexer: Indexer,
  folder: string,
  names: readonly string[],
  camera: ScannedCamera,
  isLive: (run: string) => boolean,
): Promise<number> {
  const named = new Set(names.filter(isClosedFileName));
  let adopted = 0;
  const runs = Map.groupBy(
    names.filter((name) => parseOpenFileName(name) !== undefined).sort(),
    (name) => parseOpenFileName(name)?.run ?? '',
  );
  for (const [runId, files] of runs) {
    if (isLive(runId)) continue;
    const run: IndexedRun = { camera, startedAt: 0, intendedSince: 0, previousEnd: null };
    for (const file of files) {
      if (await isLinkedAlready(folder, file, named)) await unlink(join(folder, file));
      else if (await indexer.index(run, { file, lastGrowthAt: null, isLive: false })) adopted += 1;
    }
  }
  return adopted;
}

/**
 * Indexes files that were named but whose row was never written, in bounded steps. `names` must have been read while no recorder
 * was closing files of this camera.
 */
export async function adoptNamedFiles(
  indexer: Indexer,
  store: Pick<Store, 'read'>,
  names: readonly string[],
  camera: ScannedCamera,
  signal?: AbortSignal,
): Promise<number> {
  const closed = names.filter(isClosedFileName).sort();
  let adopted = 0;
  for (let position = 0; position < closed.length; position += namesPerStep) {
    if (signal?.aborted === true) break;
    const step = closed.slice(position, position + namesPerStep);
    const indexed = indexedPaths(
      store.read,
      step.map((name) => `${camera.id}/${name}`),
    );
    for (const name of step) {
      const namedStart = indexed.has(`${camera.id}/${name}`) ? undefined : timeOfClosedFile(name);
      if (namedStart !== undefined && (await indexer.adoptNamed(camera, name, namedStart))) adopted += 1;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  return adopted;
}

const namesPerStep = 500;

/** The kernel died between giving the name and taking the old one away: both are the same file. */
async function isLinkedAlready(folder: string, file: string, named: ReadonlySet<string>): Promise<boolean> {
  const { nlink, ino } = await stat(join(folder, file));
  if (nlink < 2) return false;
  for (const name of named) if ((await stat(join(folder, name))).ino === ino) return true;
  return false;
}

/** Names in a camera's folder; none when it does not exist. */
export async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
