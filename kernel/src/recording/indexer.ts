/** How a closed file becomes a segment: read, named durably, then the row with its gaps and events in one unit. */
import { stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@heldar/plugin-sdk';
import type { Camera } from '../cameras/registry.ts';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { newId } from '../ids.ts';
import { recordingGap } from '../media/media-events.ts';
import { readMp4Info, type Mp4Info } from '../media/mp4-info.ts';
import { garbageAmong } from '../store/garbage-queries.ts';
import {
  coveredUntil,
  indexedPaths,
  lastSegment,
  maxSegmentMs,
  nextStart,
} from '../store/segment-queries.ts';
import type { SegmentFigures } from '../store/segments.ts';
import type { Store } from '../store/store.ts';
import { nameClosedFile } from './durable-link.ts';
import { findGaps } from './find-gaps.ts';
import type { PlannedGap } from './gap-plan.ts';
import { quarantine } from './quarantine.ts';
import { createRecordingClock } from './recording-clock.ts';
import type { RecordingRoots } from './roots.ts';
import { fitBetween, segmentTimes } from './segment-times.ts';

/** Files of one run of ffmpeg, in order. */
export interface IndexedRun {
  readonly camera: Pick<Camera, 'id' | 'siteId' | 'incarnation'>;
  /** The root they are written to. */
  readonly root: string;
  /** Wall clock, ms. */
  readonly startedAt: number;
  /** Holes since this time were meant to be recorded, ms, where no intent is noted. */
  readonly intendedSince: number;
  /** End of the segment indexed last, ms. */
  previousEnd: number | null;
  /** The description of the video that came last among its pictures. */
  sequenceSet?: string;
  /** It is not the one of the pictures before: what the heads of the files say holds no longer. */
  hasChanged?: boolean;
}

export interface ClosedRecording {
  /** Base name. */
  readonly file: string;
  /** When output stood still before the file was closed: the last time it grew, ms. */
  readonly lastGrowthAt: number | null;
  /** False: found later, not reported by a live recorder; moves no status and reports no gap. */
  readonly isLive: boolean;
}

export interface Indexer {
  /** What time footage is recorded at now, ms since the epoch: the machine's clock, unless that was set back. */
  now(): number;
  /** Indexes one closed file of a run; answers false when it held no footage. Never rejects: what fails is logged, and tried again by `retry`. */
  index(run: IndexedRun, closed: ClosedRecording): Promise<boolean>;
  /** Indexes a file that has its final name already. */
  adoptNamed(camera: IndexedRun['camera'], root: string, file: string, namedStart: number): Promise<boolean>;
  /** Tries again what could not be indexed when it closed; answers how many segments that gave. */
  retry(): Promise<number>;
}

export interface IndexerOptions {
  readonly store: Pick<Store, 'read' | 'write'>;
  readonly clock: Clock;
  readonly roots: Pick<RecordingRoots, 'pathOf' | 'fault'>;
  readonly log: Logger;
}

/** A name that is this far from what the file's time of writing tells was given to another content. */
const nameSlackMs = 5000;
/** A file whose time of writing lies further back than this was not just closed, or the clock was set since. */
const justClosedMs = 60_000;
/** Files that are tried again; more are left to the scan at the next start. */
const mostFailed = 1000;

export function createIndexer(options: IndexerOptions): Indexer {
  const { store, clock, log } = options;
  const line = createRecordingClock(clock, (time) => coveredUntil(store.read, time));

  /** Footage that just closed lies on the line; what is found later, where its time of writing says. */
  const closedAt = (writtenAt: number, isLive: boolean): number => {
    if (!isLive) return writtenAt;
    const agoMs = clock.now() - writtenAt;
    return line.now() - (agoMs >= 0 && agoMs <= justClosedMs ? agoMs : 0);
  };

  const add = async (
    run: Pick<IndexedRun, 'camera' | 'root'>,
    file: string,
    info: Mp4Info,
    times: { startTime: number; endTime: number },
    live: { figures: SegmentFigures; gaps: readonly PlannedGap[] } | null,
  ): Promise<boolean> => {
    const { camera, root } = run;
    const now = clock.now();
    const segment = {
      id: newId('seg', now),
      root,
      path: `${camera.id}/${file}`,
      ...times,
      codec: info.codec,
      width: info.width,
      height: info.height,
      sizeBytes: info.sizeBytes,
    };
    const gaps = live?.gaps ?? [];
    return await store.write('segments.add', {
      incarnation: camera.incarnation,
      segment,
      live: live?.figures ?? null,
      gaps: gaps.map(({ start, end, cause }) => ({
        id: newId('gap', now),
        startTime: start,
        endTime: end,
        cause,
      })),
      events: gaps.map((gap) => recordingGap(camera, now, gap)),
    });
  };

  const index: Indexer['index'] = async (run, { file, lastGrowthAt, isLive }) => {
    const { camera, root } = run;
    const opened = await openRecording(options, { camera, root, file, isOurs: true });
    if (opened === null) return false;
    const { info, mtimeMs, folder } = opened;
    const at = closedAt(lastGrowthAt ?? mtimeMs, isLive);
    const isFirst = run.previousEnd === null || run.previousEnd > at + justClosedMs;
    const before = isFirst ? lastSegment(store.read, camera.id, at) : undefined;
    const times = segmentTimes({
      closedAt: at,
      isExact: lastGrowthAt === null,
      durationMs: info.durationMs,
      previousEnd: run.previousEnd,
      coveredUntil: before?.endTime ?? null,
      notBefore: run.startedAt,
      maxMs: maxSegmentMs,
    });
    const gaps = isLive ? await findGaps(store, run, times.startTime, line.jumps()) : [];
    const name = await nameClosedFile(folder, file, times.startTime, (candidate) =>
      isKnownPath(store, `${camera.id}/${candidate}`),
    );
    const isNew = await add(run, name, info, times, isLive ? { figures: figuresOf(info), gaps } : null);
    run.previousEnd = times.endTime;
    noteFormat(run, info);
    return isNew;
  };

  const adoptNamed: Indexer['adoptNamed'] = async (camera, root, file, namedStart) => {
    const opened = await openRecording(options, { camera, root, file, isOurs: false });
    if (opened === null) return false;
    const { info, mtimeMs } = opened;
    const written = Math.round(mtimeMs - info.durationMs);
    const startTime = Math.abs(written - namedStart) <= nameSlackMs ? written : namedStart;
    const endTime = startTime + Math.min(info.durationMs, maxSegmentMs);
    const times = fitBetween(
      { startTime, endTime },
      lastSegment(store.read, camera.id, startTime)?.endTime ?? null,
      nextStart(store.read, camera.id, startTime) ?? null,
    );
    return await add({ camera, root }, file, info, times, null);
  };

  const failed = new Map<string, { run: IndexedRun; closed: ClosedRecording }>();
  const indexOrKeep: Indexer['index'] = async (run, closed) => {
    const about = { camera: run.camera.id, root: run.root, file: closed.file };
    const key = Object.values(about).join('/');
    try {
      const isSegment = await index(run, closed);
      failed.delete(key);
      return isSegment;
    } catch (error) {
      log.error({ ...about, reason: messageOf(error) }, 'a recording could not be indexed');
      // What is not there, because its disk is gone, is found by the scan when that is back.
      const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (isGone || failed.size >= mostFailed) failed.delete(key);
      else failed.set(key, { run: { ...run, previousEnd: null }, closed: { ...closed, isLive: false } });
      return false;
    }
  };

  return {
    now: () => Math.round(line.now()),
    index: indexOrKeep,
    async adoptNamed(camera, root, file, namedStart) {
      try {
        return await adoptNamed(camera, root, file, namedStart);
      } catch (error) {
        const about = { camera: camera.id, root, file, reason: messageOf(error) };
        log.error(about, 'a recording could not be indexed; the next start tries again');
        return false;
      }
    },
    async retry() {
      let indexed = 0;
      for (const { run, closed } of failed.values()) if (await indexOrKeep(run, closed)) indexed += 1;
      return indexed;
    },
  };
}

function noteFormat(run: IndexedRun, { sequenceSets }: Mp4Info): void {
  const [first] = sequenceSets;
  const last = sequenceSets.at(-1);
  if (first === undefined || last === undefined) return;
  if (sequenceSets.length > 1 || first !== (run.sequenceSet ?? first)) run.hasChanged = true;
  run.sequenceSet = last;
}

function figuresOf(info: Mp4Info): SegmentFigures {
  const seconds = info.durationMs / 1000;
  return { fpsObserved: info.frames / seconds, bitrateKbps: (info.sizeBytes * 8) / seconds / 1000 };
}

/** A path is an address on the wire: no second root may give it again, nor may a file that is about to be deleted lend it. */
function isKnownPath(store: Pick<Store, 'read'>, path: string): boolean {
  return indexedPaths(store.read, [path]).size > 0 || garbageAmong(store.read, 'segment', [path]).size > 0;
}

interface OpenedRecording {
  readonly info: Mp4Info;
  readonly mtimeMs: number;
  /** Of the camera, absolute. */
  readonly folder: string;
}

/**
 * Reads what a file holds; null when it holds no footage. One that the recorder wrote and that is empty goes; any other that can't be
 * read is quarantined.
 */
async function openRecording(
  { store, clock, roots, log }: IndexerOptions,
  { camera, root, file, isOurs }: Pick<IndexedRun, 'camera' | 'root'> & { file: string; isOurs: boolean },
): Promise<OpenedRecording | null> {
  const rootPath = roots.pathOf(root);
  if (rootPath === undefined) throw new Error(roots.fault(root)?.detail);
  const folder = join(rootPath, camera.id);
  const path = join(folder, file);
  const { mtimeMs, size } = await stat(path);
  const read = size === 0 ? 'it is empty' : await readOrReason(path);
  if (typeof read !== 'string') return { info: read, mtimeMs, folder };
  if (isOurs && (size === 0 || read === noPictures)) {
    await unlink(path);
    return null;
  }
  const kept = await quarantine(
    store,
    { camera, root: { name: root, path: rootPath }, file, reason: read },
    clock.now(),
  );
  log.warn({ camera: camera.id, root, file, kept }, `a recording is not readable: ${read}`);
  return null;
}

const noPictures = 'it holds no whole picture';

/** What it holds, or why that can't be told. */
async function readOrReason(path: string): Promise<Mp4Info | string> {
  try {
    const info = await readMp4Info(path);
    return info.frames > 0 && info.durationMs > 0 ? info : noPictures;
  } catch (error) {
    if (error instanceof RangeError) return messageOf(error);
    throw error;
  }
}
