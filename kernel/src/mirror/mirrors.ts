/** How does the mirror follow the recordings? Segment by segment as they are indexed, and after an outage from where it stopped. */
import { join } from 'node:path';
import type { Logger } from '@heldar/plugin-sdk';
import type { CameraRegistry } from '../cameras/registry.ts';
import { delay, type Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { RecordingRoots } from '../recording/roots.ts';
import { statDisk } from '../recording/stat-disk.ts';
import { startLoop, type Loop } from '../runtime/loop.ts';
import { hasCopies, listMirrorStatus, oldestQueuedCopies, type QueuedCopy } from '../store/mirror-queries.ts';
import type { CopiedSegment } from '../store/mirrors.ts';
import type { Store } from '../store/store.ts';
import { copySegment, type CopyWatch } from './copy-segment.ts';
import { removePartialCopies } from './mirror-files.ts';
import { checkMirrorFolder, faultOf, type MirrorFault } from './mirror-folder.ts';
import { planMirrorStates } from './mirror-states.ts';

export interface Mirrors {
  start(): void;
  /** Breaks off the copy that is under way; it is made again after the next start. */
  stop(): Promise<void>;
  /** Resolves when no segment of that camera is being copied, or the disk does not answer. */
  settled(cameraId: string): Promise<void>;
}

export interface MirrorsOptions {
  readonly store: Pick<Store, 'read' | 'write' | 'storeId'>;
  readonly registry: CameraRegistry;
  readonly clock: Clock;
  /** Absolute; null: there is no mirror. */
  readonly mirrorDir: string | null;
  readonly roots: Pick<RecordingRoots, 'all' | 'pathOf'>;
  readonly log: Logger;
  /** How often new segments are looked for, ms. */
  readonly pollMs?: number;
  /** A copy that takes longer is told as an outage; it goes on, ms. */
  readonly stallMs?: number;
  /** A disk that does not answer is left behind after this long when the kernel stops, ms. */
  readonly stopLimitMs?: number;
  /** Free bytes of the mirror's disk; given by tests. */
  readonly freeBytes?: (folder: string) => Promise<number>;
}

const batchSize = 20;
/** A disk is not filled up to its last byte. */
const spareBytes = 16 * 1024 * 1024;

export function createMirrors(options: MirrorsOptions): Mirrors {
  const { store, registry, clock, mirrorDir, log } = options;
  const { pollMs = 2000, stallMs = 60_000, stopLimitMs = 3000 } = options;
  let loop: Loop | null = null;
  let unsubscribe = () => {};
  let copying: { readonly cameraId: string; readonly ended: Promise<unknown> } | null = null;
  /** undefined: not looked at yet, so that nothing can be told. Where there is no mirror, there is nothing to look at. */
  let fault: MirrorFault | null | undefined = mirrorDir === null ? null : undefined;
  let isSwept = false;
  /** States are written one after another, each from what the one before has noted. */
  let telling: Promise<void> = Promise.resolve();

  const tell = (): Promise<void> => {
    const work = async () => {
      if (fault === undefined) return;
      const noted = listMirrorStatus(store.read);
      const cameras = registry.list();
      const plan = planMirrorStates({
        cameras,
        noted,
        fault,
        hasMirror: mirrorDir !== null,
        now: clock.now(),
      });
      if (plan.changes.length > 0) await store.write('mirrors.states', plan);
    };
    telling = telling.then(work).catch((error: unknown) => {
      log.error({ reason: messageOf(error) }, 'the state of the mirror could not be stored');
    });
    return telling;
  };
  const noteFault = (found: MirrorFault | null): Promise<void> => {
    if (found !== null && found.reason !== fault?.reason)
      log.warn({ folder: mirrorDir, reason: found.reason }, 'the mirror does not follow; recording goes on');
    if (found === null && isFault(fault)) log.info({ folder: mirrorDir }, 'the mirror follows again');
    fault = found;
    return tell();
  };

  const look = async (folder: string): Promise<MirrorFault | null> => {
    const found = await checkMirrorFolder({
      folder,
      storeId: store.storeId,
      hasCopies: hasCopies(store.read),
      recordingRoots: options.roots.all.map(({ path }) => path),
    });
    if (found !== null || isSwept) return found;
    await removePartialCopies(folder);
    isSwept = true;
    return null;
  };

  const copyOne = async (folder: string, queued: QueuedCopy, watch: CopyWatch): Promise<CopiedSegment> => {
    const { segmentId, cameraId, path, endTime } = queued;
    const root = options.roots.pathOf(queued.root);
    // A root that is no longer configured has nothing to give.
    const outcome =
      root === undefined
        ? 'source-unreadable'
        : await copySegment(join(root, path), join(folder, path), watch);
    if (outcome === 'source-unreadable')
      log.error({ camera: cameraId, path }, 'a segment can not be read and is not mirrored');
    return { segmentId, cameraId, endTime: outcome === 'copied' ? endTime : null };
  };
  const whyFull = async (folder: string, sizeBytes: number): Promise<MirrorFault | null> => {
    const free = await (options.freeBytes ?? freeBytesOf)(folder);
    return free < sizeBytes + spareBytes ? { kind: 'offline', reason: 'the mirror disk is full' } : null;
  };

  /** Copies until one fails. What was copied is noted in any case. */
  const copyBatch = async (
    folder: string,
    queue: readonly QueuedCopy[],
    onProgress: () => void,
    signal: AbortSignal,
  ): Promise<MirrorFault | null> => {
    const copied: CopiedSegment[] = [];
    try {
      for (const queued of queue) {
        onProgress();
        const found = (await look(folder)) ?? (await whyFull(folder, queued.sizeBytes));
        if (found !== null || signal.aborted) return found;
        const copy = copyOne(folder, queued, { signal, onProgress });
        copying = { cameraId: queued.cameraId, ended: copy.catch(() => {}) };
        copied.push(await copy);
      }
      return null;
    } finally {
      copying = null;
      if (copied.length > 0) await store.write('mirrors.copied', { copied });
    }
  };

  /** One look, or one batch. A disk that does not answer is told of while it is waited for. */
  const step = async (
    folder: string,
    queue: readonly QueuedCopy[],
    signal: AbortSignal,
  ): Promise<MirrorFault | null> => {
    let cancelStall = () => {};
    const onProgress = () => {
      cancelStall();
      cancelStall = clock.after(stallMs, () => {
        void noteFault({
          kind: 'offline',
          reason: `the mirror disk has not answered for ${stallMs / 1000} s`,
        });
      });
    };
    try {
      onProgress();
      return queue.length === 0 ? await look(folder) : await copyBatch(folder, queue, onProgress, signal);
    } catch (error) {
      return { kind: 'offline', reason: faultOf(error) };
    } finally {
      cancelStall();
    }
  };

  const follow = async (folder: string, signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      const queue = oldestQueuedCopies(store.read, batchSize);
      const found = await step(folder, queue, signal);
      if (signal.aborted) return;
      await noteFault(found);
      if (found !== null || queue.length < batchSize) return;
    }
  };
  /** Whatever it waits for, no longer than a disk that hangs is waited for. */
  const within = async (work: Promise<unknown> | undefined): Promise<void> => {
    const limit = new AbortController();
    await Promise.race([work, delay(clock, stopLimitMs, limit.signal).catch(() => {})]);
    limit.abort();
  };

  return {
    start() {
      void tell();
      if (mirrorDir === null) return;
      unsubscribe = registry.onChange(() => void tell());
      loop = startLoop({
        clock,
        everyMs: pollMs,
        run: (signal) => follow(mirrorDir, signal),
        onError: (error) => log.error({ reason: messageOf(error) }, 'the mirror could not be followed up'),
      });
    },
    async stop() {
      unsubscribe();
      await within(loop?.stop());
      await telling;
    },
    async settled(cameraId) {
      if (copying?.cameraId === cameraId) await within(copying.ended);
    },
  };
}

function isFault(fault: MirrorFault | null | undefined): fault is MirrorFault {
  return fault !== null && fault !== undefined;
}

async function freeBytesOf(folder: string): Promise<number> {
  return (await statDisk(folder)).freeBytes;
}
