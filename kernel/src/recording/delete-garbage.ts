/** How files beside the footage leave the disk once their rows are gone: what the garbage table names, and nothing else. */
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@heldar/plugin-sdk';
import { messageOf } from '../errors.ts';
import { oldestGarbage } from '../store/by-product-queries.ts';
import type { GarbageKind } from '../store/garbage.ts';
import type { Store } from '../store/store.ts';

/** Bounded: what is left comes with the next call. A file that can't be deleted stays noted. `folders`: absolute. */
export async function deleteGarbage(options: {
  store: Pick<Store, 'read' | 'write'>;
  folders: Partial<Record<GarbageKind, string>>;
  log: Logger;
}): Promise<void> {
  const { store, log } = options;
  for (const [kind, folder] of Object.entries(options.folders) as [GarbageKind, string][]) {
    const gone: { kind: GarbageKind; root: string; path: string }[] = [];
    for (const { root, path } of oldestGarbage(store.read, kind, filesPerCall))
      try {
        await unlink(join(folder, path)).catch(ignoreMissing);
        gone.push({ kind, root, path });
      } catch (error) {
        log.warn({ kind, path, reason: messageOf(error) }, 'a file could not be deleted; it is tried again');
      }
    if (gone.length > 0) await store.write('garbage.drop', gone);
  }
}

const filesPerCall = 500;

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
