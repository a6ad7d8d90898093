/** Where do folders of cameras lie, and how do those of a camera that is gone leave? */
import { access } from 'node:fs/promises';
import type { Logger } from '@heldar/plugin-sdk';
import { messageOf } from '../errors.ts';
import { removeCameraFolder, sweepDeletedCameras } from '../recording/camera-folder.ts';
import type { RecordingRoots } from '../recording/roots.ts';
import type { Store } from '../store/store.ts';

export interface CameraPlace {
  /** What it is, for texts: `recordings`, `mirror`. */
  readonly name: string;
  /** Absolute; holds a folder a camera, which bears its id. */
  readonly folder: string;
  /** False while its disk is missing, or holds another site's files: nothing in it is touched. */
  isOurs(): Promise<boolean>;
}

/** Every recordings root. */
export function rootPlaces(roots: Pick<RecordingRoots, 'all' | 'check'>): CameraPlace[] {
  return roots.all.map(({ name, path }) => ({
    name: name === '' ? 'recordings' : `recordings root ${name}`,
    folder: path,
    isOurs: async () => (await roots.check(name)).identity === 'ours',
  }));
}

/** In every place that is there. What can't be deleted is logged, and deleted at a later start. */
export async function removeFromPlaces(
  places: readonly CameraPlace[],
  cameraId: string,
  incarnation: number,
  log: Logger,
): Promise<void> {
  for (const place of places)
    await whereOurs(place, log, () => removeCameraFolder(place.folder, cameraId, incarnation));
}

/** Finishes what was left: folders of cameras that the store knows to be gone. */
export async function sweepPlaces(
  places: readonly CameraPlace[],
  store: Pick<Store, 'read'>,
  log: Logger,
): Promise<void> {
  for (const place of places)
    await whereOurs(place, log, async () => {
      const names = await sweepDeletedCameras(place.folder, store);
      if (names.length > 0)
        log.info({ place: place.name, names }, 'folders of cameras that are gone were deleted');
    });
}

/** A folder that is not there, and is nobody's disk, holds nothing to delete. */
async function whereOurs(place: CameraPlace, log: Logger, work: () => Promise<void>): Promise<void> {
  try {
    if (!(await place.isOurs()))
      log.warn(
        { place: place.name },
        'folders of cameras that are gone, if any, stay until its disk is back',
      );
    else if (await exists(place.folder)) await work();
  } catch (error) {
    log.error(
      { place: place.name, reason: messageOf(error) },
      'folders of cameras that are gone could not be deleted; it is tried again at the next start',
    );
  }
}

async function exists(folder: string): Promise<boolean> {
  try {
    await access(folder);
    return true;
  } catch {
    return false;
  }
}
