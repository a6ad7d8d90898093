/** What happens to a camera's footage on disk when the camera is gone. */
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { wasDeleted } from '../store/camera-queries.ts';
import type { Store } from '../store/store.ts';

const doomedPrefix = '.deleted-';

/** Takes the folder out of the way at once, so that a new camera of that id can have it, then deletes it. */
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
}

/** Finishes what a crash interrupted. Only folders of cameras that the store knows to be deleted go. Answers their names. */
export async function sweepDeletedCameras(
  recordingsDir: string,
  store: Pick<Store, 'read'>,
): Promise<string[]> {
  const names = (await readdir(recordingsDir, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .filter((name) => name.startsWith(doomedPrefix) || wasDeleted(store.read, name));
  for (const name of names) await rm(join(recordingsDir, name), { recursive: true, force: true });
  return names;
}
