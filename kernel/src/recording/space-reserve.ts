/** How can anything be deleted when the disk that holds the database is full? A file holds some space, to be given up then. */
import { randomBytes } from 'node:crypto';
import { open, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from '@heldar/plugin-sdk';
import { messageOf } from '../errors.ts';
import type { Disk } from './retention-plan.ts';

export interface SpaceReserve {
  /** Takes the space, when there is plenty beside it. */
  hold(): Promise<void>;
  /** Runs it; when that fails for want of space, gives the reserve up and runs it once more. */
  spend<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** What a first batch of deletions needs in the database's log, several times over; bytes. */
export const reserveBytes = 16 * 2 ** 20;
/** It is taken only where so many times its size is free. */
const plentyTimes = 4;
const chunkBytes = 2 ** 20;

export function createSpaceReserve(options: {
  /** Absolute; on the database's disk. */
  file: string;
  readDisk: (folder: string) => Promise<Disk>;
  log: Logger;
  sizeBytes?: number;
}): SpaceReserve {
  const { file, log, sizeBytes = reserveBytes } = options;
  const heldBytes = () =>
    stat(file).then(
      ({ size }) => size,
      () => 0,
    );
  const giveUp = async (): Promise<boolean> => {
    try {
      await unlink(file);
    } catch {
      // It was given up before, or never taken.
      return false;
    }
    log.warn(
      { bytes: sizeBytes },
      'the disk of the database is full: the space that was kept for this is given up',
    );
    return true;
  };
  return {
    async hold() {
      try {
        if ((await heldBytes()) >= sizeBytes) return;
        const { freeBytes } = await options.readDisk(dirname(file));
        if (freeBytes >= plentyTimes * sizeBytes) await writeIncompressible(file, sizeBytes);
      } catch (error) {
        await unlink(file).catch(() => undefined);
        log.warn({ reason: messageOf(error) }, 'no space could be kept for when the disk is full');
      }
    },
    async spend(work) {
      try {
        return await work();
      } catch (error) {
        if (!isWantOfSpace(error) || !(await giveUp())) throw error;
        return await work();
      }
    },
  };
}

/** Zeros take no space on file systems that compress; the same chunk again does, as they look at less than one at once. */
async function writeIncompressible(file: string, sizeBytes: number): Promise<void> {
  const chunk = randomBytes(chunkBytes);
  const handle = await open(file, 'w');
  try {
    for (let written = 0; written < sizeBytes; written += chunkBytes)
      await handle.writeFile(chunk.subarray(0, sizeBytes - written));
  } finally {
    await handle.close();
  }
}

/** As SQLite and the file system say it. */
function isWantOfSpace(error: unknown): boolean {
  return /database or disk is full|SQLITE_FULL|ENOSPC/.test(messageOf(error));
}
