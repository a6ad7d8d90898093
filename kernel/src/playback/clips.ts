/** Clips from their request to their end: row, file, list, expiry. */
import type { Logger } from '@heldar/plugin-sdk';
import type { Clock } from '../clock.ts';
import { HeldarError, messageOf } from '../errors.ts';
import { newId } from '../ids.ts';
import type { Garbage } from '../recording/garbage.ts';
import type { Leases } from '../recording/leases.ts';
import { startLoop, type Loop } from '../runtime/loop.ts';
import { expiredClips, readClip, unfinishedClips, type ClipRow } from '../store/export-queries.ts';
import type { Store } from '../store/store.ts';
import type { NewAudit } from '../store/units.ts';
import { footageOf } from './asked-window.ts';
import { removePartialClips, writeClipFile } from './clip-file.ts';
import { openClipMovie, type ClipMovie, type StartMode } from './clip-movie.ts';
import type { LocateFootage } from './footage.ts';
import type { JobPool } from './job-pool.ts';
import { reportView } from './report-view.ts';
import type { Window } from './window.ts';

export interface ClipRequest {
  readonly cameraId: string;
  readonly window: Window;
  readonly mode: StartMode;
  /** Id of the principal. */
  readonly createdBy: string;
  /** The row for the audit log, of the clip's id. */
  readonly audit?: (id: string) => NewAudit;
}

/** A clip that is sent as it is made. */
export interface ClipDownload extends ClipMovie {
  /** Lets go of the footage; call it when all is sent, or nobody listens any more. */
  release(): Promise<void>;
}

export interface Clips {
  /** Puts right what a crash left, then lets clips expire. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /**
   * Builds a clip; resolves when its file is whole. It goes on when nobody waits any more.
   * @throws HeldarError `not_found` without footage, `conflict` when the coding changes within it, `busy` or `unavailable`.
   */
  create(request: ClipRequest): Promise<ClipRow>;
  /** Without a file. @throws HeldarError as `create`. */
  download(request: Omit<ClipRequest, 'createdBy' | 'audit'>): Promise<ClipDownload>;
  /** Row first, then the file. False: there is no such clip. */
  remove(id: string, audit?: NewAudit): Promise<boolean>;
}

export interface ClipsOptions {
  readonly store: Pick<Store, 'read' | 'write'>;
  readonly clock: Clock;
  readonly leases: Leases;
  /** Deletes the files of clips whose rows are gone. */
  readonly garbage: Garbage;
  /** Clips are built in it. */
  readonly exports: JobPool;
  /** Downloads take a place in it. */
  readonly downloads: JobPool;
  readonly locate: LocateFootage;
  /** Absolute. */
  readonly clipsDir: string;
  /** Clips go when they are this old, ms; 0: they stay. */
  readonly keepMs: number;
  readonly log: Logger;
}

/** A clip is made by then, or given up. */
export const clipLimitMs = 180_000;
/** Longer than what it is for. */
const leaseMarginMs = 60_000;
/** A download may take this long: its footage is kept no longer. */
const downloadLimitMs = 2 * 3_600_000;
const sweepMs = 60_000;
const rowsPerStep = 100;

export const clipFileName = (id: string) => `${id}.mp4`;

export function createClips(options: ClipsOptions): Clips {
  const { store, clock, leases, garbage, clipsDir, locate, log } = options;
  let sweeper: Loop | null = null;

  const remove = async (id: string, audit?: NewAudit): Promise<boolean> => {
    const wasThere = await store.write('clips.remove', { id }, audit);
    if (wasThere) await garbage.empty();
    return wasThere;
  };
  /** Bounded: what is left comes with the next sweep. */
  const sweep = async (): Promise<void> => {
    for (const id of expiredClips(store.read, clock.now(), rowsPerStep)) await remove(id);
    await garbage.empty();
  };

  const build = async (request: ClipRequest, signal: AbortSignal): Promise<ClipRow> => {
    const { cameraId, window, mode, createdBy } = request;
    const id = newId('clip', clock.now());
    const { segmentIds, pieces } = footageOf(store, cameraId, window);
    const clip = {
      id,
      cameraId,
      fromTime: window.from,
      toTime: window.to,
      startMode: mode,
      segmentCount: segmentIds.length,
      createdBy,
      expiresAt: options.keepMs > 0 ? clock.now() + options.keepMs : null,
    };
    const isAdded = await store.write('clips.add', clip, request.audit?.(id));
    if (!isAdded) throw new HeldarError('not_found', `camera ${cameraId} not found`);
    const lease = await leases.take(segmentIds, 'clip', clipLimitMs + leaseMarginMs);
    try {
      const movie = await openClipMovie(pieces, window, mode, locate, signal);
      const sizeBytes = await writeClipFile(clipsDir, clipFileName(id), movie.bytes(), signal);
      const report = { ...reportView(movie.report), starts_early_s: movie.leadS };
      await store.write('clips.finish', { id, sizeBytes, report });
      const row = readClip(store.read, id);
      if (row === undefined) throw new HeldarError('not_found', `camera ${cameraId} was removed meanwhile`);
      return row;
    } catch (error) {
      await remove(id);
      throw error;
    } finally {
      await lease.release();
    }
  };

  return {
    async start() {
      await removePartialClips(clipsDir);
      for (;;) {
        const ids = unfinishedClips(store.read, rowsPerStep);
        for (const id of ids) await remove(id);
        if (ids.length < rowsPerStep) break;
      }
      sweeper = startLoop({
        clock,
        everyMs: sweepMs,
        run: sweep,
        onError: (error) => log.error({ reason: messageOf(error) }, 'clips could not be swept'),
      });
    },
    stop: () => sweeper?.stop() ?? Promise.resolve(),
    create(request) {
      // Asked first, so that a window without footage waits for nobody.
      footageOf(store, request.cameraId, request.window);
      return options.exports.run(clipLimitMs, (signal) => build(request, signal));
    },
    async download({ cameraId, window, mode }) {
      const { segmentIds, pieces } = footageOf(store, cameraId, window);
      const leave = options.downloads.take();
      const lease = await leases.take(segmentIds, 'stream', downloadLimitMs).catch((error: unknown) => {
        leave();
        throw error;
      });
      const release = async () => {
        leave();
        await lease.release();
      };
      try {
        return { ...(await openClipMovie(pieces, window, mode, locate)), release };
      } catch (error) {
        await release();
        throw error;
      }
    },
    remove,
  };
}
