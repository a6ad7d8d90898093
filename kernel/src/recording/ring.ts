/** What does an armed camera keep from before a trigger, and how does it become a recording? */
import { rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@heldar/plugin-sdk';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { RecorderOutput } from './camera-recorder.ts';
import type { CameraStatus } from './camera-status.ts';
import type { ClosedRecording, Indexer, IndexedRun } from './indexer.ts';
import { moveFile } from './move-file.ts';
import type { OutageLog } from './outage-log.ts';

/** Files are cut at key frames, so each holds one of the stream's groups of pictures, or a second of them. */
export const ringSegmentSeconds = 1;
/** How much longer than asked for a file is kept that was to become a recording and could not, ms. */
const retriedMs = 300_000;

/** What of the ring becomes a recording, on the monotonic clock: files that end after `from` and begin before `until`, ms. */
export interface KeptTime {
  readonly from: number;
  readonly until: number;
  /** When this recording is meant to begin, ms since the epoch. */
  readonly intendedSince: number;
}

export interface RingOrder {
  readonly preRollMs: number;
  /** null: no trigger counts now; a file that began while one did is kept all the same. */
  readonly keep: KeptTime | null;
  /** What the camera waits for, for its status. */
  readonly detail: string;
}

export interface Ring extends RecorderOutput {
  /** Resolves when what the ring holds already of the time to keep is indexed. */
  follow(order: RingOrder): Promise<void>;
  /** Deletes what is left, the folder too; the recorder has ended. */
  dispose(): Promise<void>;
}

interface RingFile extends ClosedRecording {
  readonly attempt: IndexedRun;
  /** Monotonic, ms. */
  readonly beganAt: number;
  readonly endedAt: number;
}

/**
 * The pictures lie on disk, one file of some seconds after another, in a folder of their own; here is only what the files are called. Nothing is
 * written among the recordings before a trigger asks for it.
 */
export function createRing(options: {
  camera: IndexedRun['camera'];
  /** Of the ring, absolute. */
  folder: string;
  /** Of the camera's recordings, absolute. */
  destination: string;
  order: RingOrder;
  indexer: Pick<Indexer, 'index'>;
  status: Pick<CameraStatus, 'recording' | 'armed'>;
  outages: Pick<OutageLog, 'begin' | 'end'>;
  clock: Clock;
  log: Logger;
}): Ring {
  const { camera, folder, destination, indexer, status, outages, clock, log } = options;
  let { order } = options;
  let kept = order.keep;
  let files: RingFile[] = [];
  let flowsSince: number | null = null;
  let said: string | null = null;
  /** Monotonic: when the file that is being written began. */
  let openSince = clock.monotonic();
  let recording: { readonly attempt: IndexedRun; readonly from: number; readonly run: IndexedRun } | null =
    null;
  /** A trigger may come while a file closes. */
  let work: Promise<unknown> = Promise.resolve();
  const inOrder = (step: () => Promise<void>): Promise<void> => {
    const done = work.then(step);
    work = done.catch(() => undefined);
    return done;
  };

  /** Triggers may come many times a second. */
  const say = async () => {
    const what = order.keep === null ? order.detail : 'recording';
    if (flowsSince === null || said === what) return;
    said = what;
    if (order.keep === null) {
      outages.begin('not_wanted');
      await status.armed(order.detail);
    } else {
      outages.end();
      await status.recording(flowsSince);
    }
  };
  const isKept = ({ beganAt, endedAt }: RingFile) =>
    kept !== null && endedAt > kept.from && beganAt < kept.until;
  const runOf = (attempt: IndexedRun, { from, intendedSince }: KeptTime): IndexedRun => {
    if (recording?.attempt !== attempt || recording.from !== from)
      recording = { attempt, from, run: { ...attempt, intendedSince, previousEnd: null } };
    return recording.run;
  };
  const record = async () => {
    for (const entry of files.filter(isKept)) {
      if (kept === null) return;
      const { file, lastGrowthAt, isLive, attempt } = entry;
      try {
        await moveFile(join(folder, file), join(destination, file));
      } catch (error) {
        const reason = messageOf(error);
        log.error(
          { camera: camera.id, file, reason },
          'a file could not be moved from the ring to the recordings',
        );
        return;
      }
      files = files.filter((other) => other !== entry);
      await indexer.index(runOf(attempt, kept), { file, lastGrowthAt, isLive });
    }
  };
  const prune = async () => {
    const oldest = clock.monotonic() - order.preRollMs - ringSegmentSeconds * 1000;
    const isOver = (file: RingFile) => file.endedAt <= (isKept(file) ? oldest - retriedMs : oldest);
    const over = files.filter(isOver);
    files = files.filter((file) => !isOver(file));
    for (const { file } of over) await remove(file);
  };
  const remove = async (file: string) => {
    try {
      await unlink(join(folder, file));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      log.warn(
        { camera: camera.id, file, reason: messageOf(error) },
        'a file of the ring could not be deleted',
      );
    }
  };

  return {
    folder,
    // What a power cut costs of a ring is what the kernel would have thrown away.
    sync: null,
    holds: (file) => files.some((known) => known.file === file),
    flows: (startedAt) =>
      inOrder(async () => {
        flowsSince = startedAt;
        openSince = clock.monotonic();
        await say();
      }),
    ended() {
      flowsSince = null;
      said = null;
    },
    closed: (attempt, closed) =>
      inOrder(async () => {
        const endedAt = clock.monotonic();
        files.push({ ...closed, attempt, beganAt: openSince, endedAt });
        openSince = endedAt;
        await record();
        await prune();
      }),
    follow: (next) =>
      inOrder(async () => {
        order = next;
        kept = next.keep ?? kept;
        await say();
        await record();
        await prune();
      }),
    dispose: () =>
      inOrder(async () => {
        for (const { file } of files) await remove(file);
        files = [];
        // It stays where something else lies in it, or where it never was.
        await rmdir(folder).catch(() => undefined);
      }),
  };
}
