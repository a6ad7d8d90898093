/** What becomes of a file that can't be read as footage: it is kept out of the way, listed, and told of once. */
import { mkdir, rename, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import type { Camera } from '../cameras/registry.ts';
import { recordingQuarantined } from '../media/media-events.ts';
import type { Store } from '../store/store.ts';

/** In each root; a folder a camera below it. */
export const quarantineFolder = '.quarantine';

export interface Unreadable {
  readonly camera: Pick<Camera, 'id' | 'siteId'>;
  readonly root: { readonly name: string; readonly path: string };
  /** Base name, in the camera's folder. */
  readonly file: string;
  readonly reason: string;
}

/** Answers where it lies now, below the root. Nobody looks at it again by themselves. */
export async function quarantine(
  store: Pick<Store, 'write'>,
  { camera, root, file, reason }: Unreadable,
  now: number,
): Promise<string> {
  const from = join(root.path, camera.id, file);
  const { size: sizeBytes } = await stat(from);
  const path = await freePath(root.path, `${quarantineFolder}/${camera.id}/${file}`);
  await mkdir(join(root.path, dirname(path)), { recursive: true });
  await rename(from, join(root.path, path));
  const kept = { root: root.name, path, cameraId: camera.id, reason, sizeBytes };
  await store.write('quarantined.add', { file: kept, events: [recordingQuarantined(camera, now, kept)] });
  return path;
}

/** The path, or the next of its kind that nothing lies at. */
async function freePath(folder: string, path: string): Promise<string> {
  for (let tries = 1; ; tries += 1) {
    const end = extname(path);
    const name = tries === 1 ? basename(path) : `${basename(path, end)}-${tries}${end}`;
    const candidate = `${dirname(path)}/${name}`;
    if (!(await exists(join(folder, candidate)))) return candidate;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
