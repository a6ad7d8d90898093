/** Which files did an earlier process leave unindexed, and what becomes of them? */
import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { garbageAmong } from '../store/garbage-queries.ts';
import { indexedPaths, lastSegment } from '../store/segment-queries.ts';
import type { Store } from '../store/store.ts';
import { closedFileName, isClosedFileName, parseOpenFileName, timeOfClosedFile } from './file-names.ts';
import type { RecordingRoot } from './folder-identity.ts';
import type { IndexedRun, Indexer } from './indexer.ts';

type ScannedCamera = IndexedRun['camera'];

/** What lay in a camera's folder of a root when nobody was closing files there. */
export interface ScannedFolder {
  readonly camera: ScannedCamera;
  readonly root: RecordingRoot;
  /** Base names. */
  readonly names: readonly string[];
}

export async function scanFolder(camera: ScannedCamera, root: RecordingRoot): Promise<ScannedFolder> {
  return { camera, root, names: await listFolder(join(root.path, camera.id)) };
}

/**
 * Indexes files that were still open when their recorder or the kernel was killed, but for those of the runs named as live.
 * Answers how many segments they gave.
 */
export async function adoptOpenFiles(
  indexer: Indexer,
  { camera, root, names }: ScannedFolder,
  isLive: (run: string) => boolean = () => false,
): Promise<number> {
  const folder = join(root.path, camera.id);
  const named = new Set(names.filter(isClosedFileName));
  let adopted = 0;
  const runs = Map.groupBy(
    names.filter((name) => parseOpenFileName(name) !== undefined).sort(),
    (name) => parseOpenFileName(name)?.run ?? '',
  );
  for (const [runId, files] of runs) {
    if (isLive(runId)) continue;
    const run: IndexedRun = {
      camera,
      root: root.name,
      startedAt: 0,
      intendedSince: 0,
      previousEnd: null,
    };
    for (const file of files) {
      if (await isLinkedAlready(folder, file, named)) await unlink(join(folder, file));
      else if (await indexer.index(run, { file, lastGrowthAt: null, isLive: false })) adopted += 1;
    }
  }
  return adopted;
}

/** Splits a scan at the newest segment of the index: what lies behind it is what a crash leaves, and is adopted before recording goes on. */
export function splitAtNewest(
  store: Pick<Store, 'read'>,
  scan: ScannedFolder,
): { newer: ScannedFolder; older: ScannedFolder } {
  const newest = lastSegment(store.read, scan.camera.id, Number.MAX_SAFE_INTEGER);
  const border = newest === undefined ? '' : closedFileName(newest.startTime);
  return {
    newer: { ...scan, names: scan.names.filter((name) => name >= border) },
    older: { ...scan, names: scan.names.filter((name) => name < border) },
  };
}

/**
 * Indexes files that were named but whose row was never written, in bounded steps; what is about to be deleted stays that. The names must
 * have been read while no recorder was closing files of this camera.
 */
export async function adoptNamedFiles(
  indexer: Indexer,
  store: Pick<Store, 'read'>,
  { camera, root, names }: ScannedFolder,
  signal?: AbortSignal,
): Promise<number> {
  const closed = names.filter(isClosedFileName).sort();
  let adopted = 0;
  for (let position = 0; position < closed.length; position += namesPerStep) {
    if (signal?.aborted === true) break;
    const step = closed.slice(position, position + namesPerStep);
    const paths = step.map((name) => `${camera.id}/${name}`);
    const known = new Set([
      ...indexedPaths(store.read, paths),
      ...garbageAmong(store.read, 'segment', paths),
    ]);
    for (const name of step) {
      const namedStart = known.has(`${camera.id}/${name}`) ? undefined : timeOfClosedFile(name);
      if (namedStart !== undefined && (await indexer.adoptNamed(camera, root.name, name, namedStart)))
        adopted += 1;
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
