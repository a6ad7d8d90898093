/** How a small file comes to be on disk whole or not at all. */
import { open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes beside the target, syncs, moves over it, syncs the folder. A failure leaves the target as it was. */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const partial = `${path}.partial`;
  try {
    const file = await open(partial, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
  } catch (error) {
    await unlink(partial).catch(() => {});
    throw error;
  }
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
