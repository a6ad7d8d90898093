/** How an evidence still gets from the sampler's memory to the disk, once the effects that ask for it are committed. */
import { access, mkdir, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@heldar/plugin-sdk';
import { messageOf } from '../errors.ts';
import { pendingEvidence } from '../store/evidence-queries.ts';
import type { Store } from '../store/store.ts';
import type { NewEvidence } from '../store/units.ts';
import { writeDurably } from './durable-file.ts';
import type { Samplers } from './samplers.ts';

export interface Evidence {
  /** Settles what a crash left pending: a file that is there is `kept`, else it is `missing`. */
  start(): Promise<void>;
  /** Resolves once everything that was asked for is on disk and noted. */
  stop(): Promise<void>;
  /** Holds the frame in memory until its effects are committed or dropped. */
  pin(still: NewEvidence): void;
  /** The effects are committed: writes the files in the background. */
  keep(files: readonly string[]): void;
  /** The effects were dropped. */
  drop(files: readonly string[]): void;
  /** Resolves once all that `keep` was called for so far is settled. */
  flush(): Promise<void>;
}

export interface EvidenceOptions {
  readonly store: Pick<Store, 'read' | 'write'>;
  readonly frames: Pick<Samplers, 'at'>;
  /** Absolute. */
  readonly snapshotsDir: string;
  readonly log: Logger;
}

const rowsPerStep = 200;

export function createEvidence(options: EvidenceOptions): Evidence {
  const { store, frames, snapshotsDir, log } = options;
  /** A file asked for by an attempt that is repeated is pinned twice. */
  const pinned = new Map<string, { readonly jpeg: Buffer | null; readonly pins: number }>();
  const writing = new Set<Promise<void>>();

  const settle = async (file: string, jpeg: Buffer | null): Promise<void> => {
    try {
      if (jpeg !== null) await writeDurably(join(snapshotsDir, file), jpeg);
      const isThere = jpeg !== null || (await exists(join(snapshotsDir, file)));
      await store.write('evidence.state', { file, state: isThere ? 'kept' : 'missing' });
    } catch (error) {
      // The row stays pending; the next start settles it.
      log.error({ file, reason: messageOf(error) }, 'an evidence still could not be kept');
    }
  };
  const release = (file: string): Buffer | null => {
    const held = pinned.get(file);
    if (held === undefined) return null;
    if (held.pins > 1) pinned.set(file, { ...held, pins: held.pins - 1 });
    else pinned.delete(file);
    return held.jpeg;
  };
  const flush = async () => {
    while (writing.size > 0) await Promise.all(writing);
  };

  return {
    async start() {
      await mkdir(snapshotsDir, { recursive: true });
      await removePartialFiles(snapshotsDir);
      for (;;) {
        const files = pendingEvidence(store.read, rowsPerStep);
        for (const file of files) await settle(file, null);
        if (files.length < rowsPerStep) return;
      }
    },
    stop: flush,
    pin({ file, cameraId, capturedAt }) {
      const held = pinned.get(file);
      const jpeg = held?.jpeg ?? frames.at(cameraId, capturedAt)?.jpeg ?? null;
      pinned.set(file, { jpeg, pins: (held?.pins ?? 0) + 1 });
    },
    keep(files) {
      for (const file of files) {
        const work = settle(file, release(file)).finally(() => writing.delete(work));
        writing.add(work);
      }
    },
    drop(files) {
      for (const file of files) release(file);
    },
    flush,
  };
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

async function removePartialFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (name.endsWith('.jpg.partial')) await unlink(join(folder, name));
}
