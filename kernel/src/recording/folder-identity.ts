/** Is this folder the one whose footage the store knows, or is a disk missing or swapped? */
import { access, constants, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import { syncPath } from './durable-link.ts';
import { statDisk } from './stat-disk.ts';

/** First line: the id of the store whose footage lies here. Second, in all roots but the first: the root's name. */
export const markerFile = '.heldar-store';

/** A place for recordings. */
export interface RecordingRoot {
  /** '' for the recordings folder. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

/** What a marker says. */
export interface Marker {
  readonly storeId: string;
  readonly root: string;
}

/**
 * `ours`: the marker names this store and this root. `missing`: footage of it is known, but folder or marker are gone; perhaps a disk
 * is not mounted. `foreign`: it belongs to another store or another root. Only in what is ours may files be deleted or adopted.
 */
export type FolderIdentity = 'ours' | 'missing' | 'foreign';

/** Why nothing can be recorded to a root. */
export interface StorageFault {
  readonly reason: 'missing' | 'foreign' | 'read_only' | 'full' | 'unreadable';
  /** What is wrong, where, and how to mend it; without the path. */
  readonly detail: string;
}

export interface RootState {
  readonly identity: FolderIdentity;
  readonly fault: StorageFault | null;
}

/** With less free space no segment can be written, bytes; on a small disk this share of it. */
const leastFreeBytes = 8 * 1024 * 1024;
const leastFreeShare = 0.05;

/** What a root is called in texts: the recordings folder has no name. */
export function titleOf(root: string): string {
  return root === '' ? 'the recordings folder' : `the recordings root '${root}'`;
}

/** What names it on the command line. */
export function flagOf(root: string): string {
  return root === '' ? 'default' : root;
}

/**
 * Looks at a root, and claims it by writing its marker when it bears none and the store knows no footage there.
 * `before`: what was seen last; a disk that was full has to have twice the room to be used again, so that it does not flap.
 * Never rejects: what can't be read is `missing`, with the reason as its fault.
 */
export async function checkRoot(
  root: RecordingRoot,
  storeId: string,
  hasFootage: () => boolean,
  before: RootState | null = null,
): Promise<RootState> {
  try {
    const marker = await readMarker(root.path);
    if (marker === null && hasFootage()) return missing(root);
    if (marker === null) await writeMarker(root, storeId);
    else if (marker.storeId !== storeId || marker.root !== root.name) return foreign(root, marker);
    return { identity: 'ours', fault: await writeFault(root, before) };
  } catch (error) {
    // Gone between two looks.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && hasFootage()) return missing(root);
    const reason = isReadOnly(error) ? 'read_only' : 'unreadable';
    const detail = `${titleOf(root.name)} can't be used: ${codeOf(error)}; check the disk and its mount`;
    return { identity: 'missing', fault: { reason, detail } };
  }
}

/** null: it bears none, or is not there. */
export async function readMarker(path: string): Promise<Marker | null> {
  try {
    const [storeId = '', root = ''] = (await readFile(join(path, markerFile), 'utf8')).split('\n');
    return { storeId: storeId.trim(), root: root.trim() };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Makes the folder when it is not there, and this store's, whosever it was. */
export async function writeMarker(root: RecordingRoot, storeId: string): Promise<void> {
  await mkdir(root.path, { recursive: true });
  const file = join(root.path, markerFile);
  await writeFile(file, root.name === '' ? `${storeId}\n` : `${storeId}\n${root.name}\n`);
  await syncPath(file);
  await syncPath(root.path);
}

function missing({ name }: RecordingRoot): RootState {
  const detail =
    `${titleOf(name)} holds no marker (${markerFile}) although footage in it is known: mount its disk; ` +
    `if the footage is lost for good, run heldar doctor --repair --adopt ${flagOf(name)} with the kernel stopped`;
  return { identity: 'missing', fault: { reason: 'missing', detail } };
}

function foreign({ name }: RecordingRoot, marker: Marker): RootState {
  const detail =
    `${titleOf(name)} belongs to another store or root (${marker.storeId}, ${flagOf(marker.root)}): mount the right disk, ` +
    `or take it over with heldar doctor --repair --adopt ${flagOf(name)}, with the kernel stopped`;
  return { identity: 'foreign', fault: { reason: 'foreign', detail } };
}

/** Of a root that is ours: can it be written to? */
async function writeFault(
  { name, path }: RecordingRoot,
  before: RootState | null,
): Promise<StorageFault | null> {
  if (!(await stat(path)).isDirectory())
    return { reason: 'unreadable', detail: `${titleOf(name)} is no folder; set it to one` };
  try {
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const detail = `${titleOf(name)} can't be written to (${codeOf(error)}): remount it writable, or give it to the user that runs heldar`;
    return { reason: 'read_only', detail };
  }
  const { freeBytes, totalBytes } = await statDisk(path);
  const least = Math.min(leastFreeBytes, leastFreeShare * totalBytes);
  if (freeBytes >= (before?.fault?.reason === 'full' ? 2 * least : least)) return null;
  return { reason: 'full', detail: `${titleOf(name)} is full: make room on its disk` };
}

function isReadOnly(error: unknown): boolean {
  return ['EROFS', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '');
}

/** Messages of the file system hold paths of this machine; their code does not. */
function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? messageOf(error);
}
