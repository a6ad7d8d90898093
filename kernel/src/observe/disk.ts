/** How full is the file system of a folder? */
import { statfs } from 'node:fs/promises';
import type { DiskFigures } from './contract-families.ts';

/** Null when the file system does not tell. */
export async function readDisk(folder: string): Promise<DiskFigures | null> {
  try {
    const { bsize, blocks, bfree, bavail } = await statfs(folder);
    const totalBytes = blocks * bsize;
    const usedBytes = totalBytes - bfree * bsize;
    return {
      totalBytes,
      freeBytes: bavail * bsize,
      usedBytes,
      usedPercent: totalBytes === 0 ? 0 : (usedBytes / totalBytes) * 100,
    };
  } catch {
    return null;
  }
}
