/** What does an armed camera keep from before a trigger, and how does it become a recording? */
import { rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@heldar/plugin-sdk';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { OutageCause } from '../store/outages.ts';
import type { RecorderOutput } from './camera-recorder.ts';
import type { CameraStatus } from './camera-status.ts';
import type { StorageFault } from './folder-identity.ts';
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
  /** Deletes what is left, the folder too, but not what was to become a recording and could not; the recorder has ended. */
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
 * written among the recordings before a trigger asks for it. While that fails the files stay here, within the ring's limit.
 * What is missing is an outage only while a trigger counts.
 */
export function createRing(options: {
  camera: IndexedRun['camera'];
  /** Of the ring, absolute. */
  folder: string;
  /** Of the camera's recordings, absolute. */
  destination: string;
  /** Why nothing can be recorded there, as seen now. */
  rootFault: () => Promise<StorageFault | null>;
  order: RingOrder;
  indexer: Pick<Indexer, 'index' | 'now'>;
  status: Pick<CameraStatus, 'recording' | 'armed' | 'failed'>;
  outages: Pick<OutageLog, 'begin' | 'end'>;
  clock: Clock;
  log: Logger;
  onDiskFull: () => void;
}): Ring {
  const { camera, folder, destination, indexer, status, outages, clock, log } = options;
  let { order } = options;
  let kept = order.keep;
  let files: RingFile[] = [];
  /** `startedAt`: of the attempt, wall clock, ms; `at`: it flows since, recording time, ms. */
  let flow: { readonly startedAt: number; readonly at: number } | null = null;
  let said: string | null = null;
  /** When it last ceased to flow, or was to begin. */
  let still: { readonly at: number; readonly cause: OutageCause } = { at: indexer.now(), cause: 'restart' };
  /** Why files that are to become recordings can't be moved. */
  let blocked: string | null = null;
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

  const timeOf = (monotonic: number) => Math.round(indexer.now() + monotonic - clock.monotonic());
  /** Triggers may come many times a second. */
  const say = async () => {
    const what = blocked ?? (order.keep === null ? order.detail : 'recording');
    if (said === what) return;
    if (blocked !== null) await status.failed(blocked);
    else if (flow === null) return;
    else await (order.keep === null ? status.armed(order.detail) : status.recording(flow.startedAt));
    said = what;
  };
  const block = async ({ beganAt }: RingFile, detail: string) => {
    if (order.keep !== null) outages.begin('disk', timeOf(Math.max(beganAt, order.keep.from)));
    if (blocked === detail) return;
    blocked = detail;
    await say();
  };
  const unblock = async () => {
    if (blocked === null) return;
    blocked = null;
    noteFlow(indexer.now());
    await say();
  };
  /** From `since` (recording time, ms) on what flows becomes a recording, and what does not flow is missing. */
  const noteFlow = (since: number) => {
    if (order.keep === null) return;
    if (flow === null || flow.at > since) outages.begin(still.cause, Math.max(since, still.at));
    if (flow !== null) outages.end(Math.max(since, flow.at));
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
      const fault = await options.rootFault();
      if (fault !== null) return await block(entry, fault.detail);
      const { file, lastGrowthAt, isLive, attempt } = entry;
      try {
        await moveFile(join(folder, file), join(destination, file));
      } catch (error) {
        log.error(
          { camera: camera.id, file, reason: messageOf(error) },
          'a file could not be moved from the ring to the recordings',
        );
        const code = (error as NodeJS.ErrnoException).code ?? messageOf(error);
        if (code === 'ENOSPC') options.onDiskFull();
        return await block(
          entry,
          `what a trigger asked for can't be moved to the recordings (${code}): check their disk`,
        );
      }
      files = files.filter((other) => other !== entry);
      await indexer.index(runOf(attempt, kept), { file, lastGrowthAt, isLive });
    }
    await unblock();
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
    // The ring is no root.
    fault: () => Promise.resolve(null),
    holds: (file) => files.some((known) => known.file === file),
    flows: (startedAt) =>
      inOrder(async () => {
        flow = { startedAt, at: indexer.now() };
        openSince = clock.monotonic();
        if (order.keep !== null && blocked === null) outages.end();
        await say();
      }),
    ended(cause, at) {
      flow = null;
      said = null;
      still = { at, cause };
      if (order.keep !== null && blocked === null) outages.begin(cause, at);
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
        const isNew = order.keep === null && next.keep !== null;
        order = next;
        kept = next.keep ?? kept;
        if (isNew && next.keep !== null) noteFlow(timeOf(next.keep.from));
        await say();
        await record();
        await prune();
      }),
    dispose: () =>
      inOrder(async () => {
        for (const { file } of files.filter((entry) => !isKept(entry))) await remove(file);
        files = [];
        // It stays where something else lies in it, or where it never was.
        await rmdir(folder).catch(() => undefined);
      }),
  };
}
