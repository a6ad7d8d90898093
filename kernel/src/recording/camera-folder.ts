/** What happens to a camera's footage on disk when the camera is gone. */
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { wasDeleted } from '../store/camera-queries.ts';
import type { Store } from '../store/store.ts';
import { quarantineFolder } from './quarantine.ts';

const doomedPrefix = '.deleted-';

/** In one root. Takes the folder out of the way at once, so that a new camera of that id can have it, then deletes it. */
export async function removeCameraFolder(
  recordingsDir: string,
  cameraId: string,
  incarnation: number,
): Promise<void> {
  const doomed = join(recordingsDir, `${doomedPrefix}${cameraId}-${incarnation}`);
  try {
    await rename(join(recordingsDir, cameraId), doomed);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  await rm(doomed, { recursive: true, force: true });
  await rm(join(recordingsDir, quarantineFolder, cameraId), { recursive: true, force: true });
}

/** Finishes in one root what a crash interrupted. Only folders of cameras that the store knows to be deleted go. Answers their names. */
export async function sweepDeletedCameras(
  recordingsDir: string,
  store: Pick<Store, 'read'>,
): Promise<string[]> {
  const swept: string[] = [];
  for (const place of ['', quarantineFolder])
    for (const name of await foldersIn(join(recordingsDir, place)))
      if ((place === '' && name.startsWith(doomedPrefix)) || wasDeleted(store.read, name)) {
        await rm(join(recordingsDir, place, name), { recursive: true, force: true });
        swept.push(name);
      }
  return swept;
}

async function foldersIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
