/** How a recording that is still being written reaches the disk, so that a power cut costs seconds and not half a minute. */
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from '@heldar/plugin-sdk';
import { delay, untilNext, type Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { syncPath } from './durable-link.ts';

export interface GrowingSync {
  /** From now on the file that this names is synced; answers how to end that. */
  add(currentFile: () => string): () => void;
}

/** Linux's own default is 30 s. */
export const syncEveryMs = 5000;

/** A file or folder that was opened to be synced. */
export interface SyncedFile {
  datasync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * One file after another, on a thread of Node's pool, so that neither the event loop nor the other threads wait. A file that is not there is
 * none yet, or closed already.
 */
export function createGrowingSync(options: {
  clock: Clock;
  log: Logger;
  signal: AbortSignal;
  /** ms. */
  everyMs?: number;
  openFile?: (path: string) => Promise<SyncedFile>;
  /** Brings a new file's name to the disk. */
  syncFolder?: (path: string) => Promise<void>;
}): GrowingSync {
  const { clock, signal, everyMs = syncEveryMs } = options;
  const files = new Set<GrowingFile>();
  let isRunning = false;

  const run = async () => {
    while (files.size > 0 && !signal.aborted) {
      await delay(clock, untilNext(clock, everyMs), signal).catch(() => undefined);
      for (const file of files) if (!signal.aborted) await file.sync();
    }
    isRunning = false;
  };
  return {
    add(currentFile) {
      const file = createGrowingFile({ ...options, currentFile });
      files.add(file);
      if (!isRunning) {
        isRunning = true;
        void run();
      }
      return () => {
        files.delete(file);
        void file.end();
      };
    },
  };
}

interface GrowingFile {
  /** Neither rejects. */
  sync(): Promise<void>;
  end(): Promise<void>;
}

/** Stays open between two syncs: opening costs as much again. */
function createGrowingFile(options: {
  currentFile: () => string;
  log: Logger;
  openFile?: (path: string) => Promise<SyncedFile>;
  syncFolder?: (path: string) => Promise<void>;
}): GrowingFile {
  const { currentFile, log, openFile = (path) => open(path, 'r'), syncFolder = syncPath } = options;
  let opened: { readonly path: string; readonly file: SyncedFile } | null = null;
  let hasEnded = false;

  const close = async () => {
    const { file } = opened ?? {};
    opened = null;
    await file?.close();
  };
  const syncCurrent = async (path: string) => {
    const isNew = opened?.path !== path;
    if (isNew) {
      await close();
      opened = { path, file: await openFile(path) };
    }
    await opened?.file.datasync();
    if (isNew) await syncFolder(dirname(path));
  };
  const guard = async (path: string, step: () => Promise<void>) => {
    try {
      await step();
    } catch (error) {
      // So that the next one begins anew, its name included.
      await close().catch(() => undefined);
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        log.warn(
          { file: path, reason: messageOf(error) },
          'a recording that is being written could not be synced',
        );
    }
  };
  let work: Promise<void> = Promise.resolve();
  const inTurn = (step: (path: string) => Promise<void>) => {
    const path = currentFile();
    work = work.then(() => guard(path, () => step(path)));
    return work;
  };
  return {
    sync: () => inTurn((path) => (hasEnded ? Promise.resolve() : syncCurrent(path))),
    end() {
      hasEnded = true;
      return inTurn(close);
    },
  };
}
