/** How much room is there on the disk of a folder? */
import { statfs } from 'node:fs/promises';
import type { Disk } from './retention-plan.ts';

/** Free for a process without privileges. Rejects when the disk does not tell. */
export async function statDisk(folder: string): Promise<Disk> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}
