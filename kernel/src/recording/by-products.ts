/** How what lies beside the footage stays within limits of its own: clips, stills of schedules, files that could not be read. */
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@heldar/plugin-sdk';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { clipBytes, oldestClips, oldUnreadable, type StoredClip } from '../store/by-product-queries.ts';
import type { Store } from '../store/store.ts';
import type { Garbage } from './garbage.ts';
import { canDelete, type RetentionRoots } from './retention-roots.ts';
import type { Chore } from './retention.ts';

export interface ByProductOptions {
  readonly store: Pick<Store, 'read' | 'write'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly roots: RetentionRoots;
  readonly garbage: Garbage;
  /** 0: no limit. */
  readonly maxClipsBytes: number;
  /** Ages at which they go, ms; 0: they stay. */
  readonly snapshotAgeMs: number;
  readonly unreadableAgeMs: number;
  readonly log: Logger;
}

/** Rows a step: some milliseconds of the writer. */
const stepRows = 200;

export function byProductChores(options: ByProductOptions): Chore[] {
  return [
    { name: 'clips', run: (signal) => pruneClips(options, signal) },
    { name: 'snapshots', run: (signal) => pruneSnapshots(options, signal) },
    { name: 'unreadable recordings', run: (signal) => pruneUnreadable(options, signal) },
  ];
}

/** Of clips, oldest first: as few as give back `excessBytes`; no one is taken beyond that. */
export function clipsOver(clips: readonly StoredClip[], excessBytes: number): string[] {
  const ids: string[] = [];
  let bytes = 0;
  for (const { id, sizeBytes } of clips) {
    if (bytes >= excessBytes) break;
    ids.push(id);
    bytes += sizeBytes;
  }
  return ids;
}

async function pruneClips(options: ByProductOptions, signal: AbortSignal): Promise<void> {
  const { store, maxClipsBytes } = options;
  if (maxClipsBytes <= 0) return;
  while (!signal.aborted) {
    const ids = clipsOver(oldestClips(store.read, stepRows), clipBytes(store.read) - maxClipsBytes);
    if (ids.length === 0 || (await store.write('clips.prune', { ids })) === 0) return;
    await options.garbage.empty(signal);
  }
}

async function pruneSnapshots(options: ByProductOptions, signal: AbortSignal): Promise<void> {
  const { store, clock, snapshotAgeMs } = options;
  if (snapshotAgeMs <= 0) return;
  const before = clock.now() - snapshotAgeMs;
  for (let gone = stepRows; gone === stepRows && !signal.aborted;) {
    gone = await store.write('snapshots.prune', { before, limit: stepRows });
    if (gone > 0) await options.garbage.empty(signal);
  }
}

/** The file first: a row whose file is gone is found again, a file without a row would be nobody's. */
async function pruneUnreadable(options: ByProductOptions, signal: AbortSignal): Promise<void> {
  const { store, clock, roots, unreadableAgeMs, log } = options;
  if (unreadableAgeMs <= 0) return;
  const before = clock.now() - unreadableAgeMs;
  for (const root of roots.all) {
    if (!canDelete(await roots.check(root.name))) continue;
    while (!signal.aborted) {
      const paths = oldUnreadable(store.read, root.name, before, stepRows);
      const gone: { root: string; path: string }[] = [];
      for (const path of paths)
        if (await deleted(join(root.path, path), log)) gone.push({ root: root.name, path });
      // What was not there may be on a disk that went a moment ago.
      if (!canDelete(await roots.check(root.name))) break;
      if (gone.length > 0) await store.write('quarantined.drop', gone);
      if (paths.length < stepRows || gone.length === 0) break;
    }
  }
}

/** True when it is not there any more. */
async function deleted(path: string, log: Logger): Promise<boolean> {
  try {
    await unlink(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    log.warn({ path, reason: messageOf(error) }, 'an unreadable recording could not be deleted');
    return false;
  }
  return true;
}
