/** How the files of clips, sessions and stills go whose rows became garbage with their camera. */
import { rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { Logger } from '@heldar/plugin-sdk';
import { messageOf } from '../errors.ts';
import type { GarbageKind, GarbageRow } from '../store/garbage.ts';
import { garbageOfKinds } from '../store/removal-queries.ts';
import type { Store } from '../store/store.ts';

/** The absolute folder that paths of a kind are below. */
export type GarbageFolders = Readonly<Partial<Record<GarbageKind, string>>>;

const rowsPerStep = 200;

/** Step by step: the files, then their rows. A file that is gone already is what was wanted; one that can't be deleted is left for the next time. */
export async function deleteDoomedFiles(
  store: Pick<Store, 'read' | 'write'>,
  folders: GarbageFolders,
  log: Logger,
): Promise<void> {
  const kinds = Object.keys(folders) as GarbageKind[];
  for (;;) {
    const rows = garbageOfKinds(store.read, kinds, rowsPerStep);
    const gone: GarbageRow[] = [];
    for (const row of rows) if (await deleteFile(row, folders, log)) gone.push(row);
    if (gone.length > 0) await store.write('garbage.drop', gone);
    if (rows.length < rowsPerStep || gone.length === 0) return;
  }
}

async function deleteFile(
  { kind, path }: GarbageRow,
  folders: GarbageFolders,
  log: Logger,
): Promise<boolean> {
  const folder = folders[kind];
  if (folder === undefined) return false;
  const file = join(folder, path);
  try {
    if (!file.startsWith(folder + sep)) throw new Error('it does not lie in its folder');
    await rm(file, { recursive: true, force: true });
    return true;
  } catch (error) {
    log.warn({ kind, path, reason: messageOf(error) }, 'a file could not be deleted');
    return false;
  }
}
