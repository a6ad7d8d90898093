/** How files whose rows are gone leave the disk: what the garbage table names, and nothing else. */
import { rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@heldar/plugin-sdk';
import { messageOf } from '../errors.ts';
import { listGarbage } from '../store/garbage-queries.ts';
import type { GarbageKey, GarbageKind, GarbageRow } from '../store/garbage.ts';
import type { Store } from '../store/store.ts';
import type { RecordingRoots } from './roots.ts';

export interface GarbageReport {
  /** Files that are gone now. */
  readonly files: number;
  readonly sizeBytes: number;
  /** Files that could not be deleted, or lie on a disk that is not there; they are tried again. */
  readonly kept: number;
}

export interface Garbage {
  /** Goes once through all there is. A run that is under way is awaited, and what it may have missed is done after it. */
  empty(signal?: AbortSignal): Promise<GarbageReport>;
}

export interface GarbageOptions {
  readonly store: Pick<Store, 'read' | 'write'>;
  readonly roots: Pick<RecordingRoots, 'pathOf' | 'identity' | 'check'>;
  /** Where files of other kinds lie, absolute. Without a folder they stay in the table. */
  readonly folders?: Partial<Record<Exclude<GarbageKind, 'segment' | 'preview'>, string>>;
  readonly log: Logger;
}

const batchSize = 200;

export function createGarbage(options: GarbageOptions): Garbage {
  let running: Promise<unknown> = Promise.resolve();
  return {
    empty(signal) {
      const run = running.then(() => emptyOnce(options, signal));
      running = run.catch(() => undefined);
      return run;
    },
  };
}

async function emptyOnce(options: GarbageOptions, signal?: AbortSignal): Promise<GarbageReport> {
  let files = 0;
  let sizeBytes = 0;
  let kept = 0;
  let after: GarbageKey | null = null;
  while (signal?.aborted !== true) {
    const batch: GarbageRow[] = listGarbage(options.store.read, after, batchSize);
    const gone = await deleteFiles(options, batch);
    if (gone.length > 0) await options.store.write('garbage.drop', gone);
    files += gone.length;
    kept += batch.length - gone.length;
    sizeBytes += gone.reduce((sum, row) => sum + row.sizeBytes, 0);
    after = batch.at(-1) ?? null;
    if (batch.length < batchSize) break;
  }
  return { files, sizeBytes, kept };
}

/** Answers those that are certainly gone. */
async function deleteFiles(options: GarbageOptions, batch: readonly GarbageRow[]): Promise<GarbageRow[]> {
  const deleted: GarbageRow[] = [];
  const absent: GarbageRow[] = [];
  for (const row of batch) {
    const folder = folderOf(options, row);
    if (folder === null) continue;
    try {
      if (await deleteFile(row.kind, join(folder, row.path))) deleted.push(row);
      else absent.push(row);
    } catch (error) {
      const { kind, root, path } = row;
      options.log.warn(
        { kind, root, path, reason: messageOf(error) },
        'a file could not be deleted; it is tried again',
      );
    }
  }
  // What is not there may be on a disk that was unmounted a moment ago.
  const roots = new Set(absent.map(({ root }) => root));
  const confirmed = new Set<string>();
  for (const root of roots) if ((await options.roots.check(root)).identity === 'ours') confirmed.add(root);
  return [...deleted, ...absent.filter(({ kind, root }) => !isOfRoot(kind) || confirmed.has(root))];
}

function isOfRoot(kind: GarbageKind): boolean {
  return kind === 'segment' || kind === 'preview';
}

/** null: not to be touched now. */
function folderOf({ roots, folders }: GarbageOptions, { kind, root }: GarbageRow): string | null {
  if (kind !== 'segment' && kind !== 'preview') return folders?.[kind] ?? null;
  return roots.identity(root) === 'ours' ? (roots.pathOf(root) ?? null) : null;
}

/** False when it was not there. A session is a folder. */
async function deleteFile(kind: GarbageKind, path: string): Promise<boolean> {
  try {
    if (kind === 'session') await rm(path, { recursive: true });
    else await unlink(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
