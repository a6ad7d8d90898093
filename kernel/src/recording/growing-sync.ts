/** How a recording that is still being written reaches the disk, so that a power cut costs seconds and not half a minute. */
import { dirname } from 'node:path';
import type { Logger } from '@heldar/plugin-sdk';
import { delay, type Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { syncPath } from './durable-link.ts';

export interface GrowingSync {
  /** From now on the file that this names is synced; answers how to end that. */
  add(currentFile: () => string): () => void;
}

/** Linux's own default is 30 s. */
export const syncEveryMs = 3000;

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
  sync?: (path: string) => Promise<void>;
}): GrowingSync {
  const { clock, log, signal, everyMs = syncEveryMs, sync = (path: string) => syncPath(path) } = options;
  const files = new Map<symbol, { currentFile: () => string; lastNamed: string }>();
  let isRunning = false;

  const syncOne = async (entry: { currentFile: () => string; lastNamed: string }) => {
    const file = entry.currentFile();
    try {
      await sync(file);
      if (entry.lastNamed === file) return;
      // Its name has to be on the disk too.
      await sync(dirname(file));
      entry.lastNamed = file;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        log.warn({ file, reason: messageOf(error) }, 'a recording that is being written could not be synced');
    }
  };
  const run = async () => {
    while (files.size > 0 && !signal.aborted) {
      await delay(clock, everyMs, signal).catch(() => undefined);
      for (const entry of files.values()) if (!signal.aborted) await syncOne(entry);
    }
    isRunning = false;
  };
  return {
    add(currentFile) {
      const key = Symbol(currentFile.name);
      files.set(key, { currentFile, lastNamed: '' });
      if (!isRunning) {
        isRunning = true;
        void run();
      }
      return () => void files.delete(key);
    },
  };
}
