/** How a closed file becomes a segment: read, named durably, then the row with its events in one unit. */
import { mkdir, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@heldar/plugin-sdk';
import type { Camera } from '../cameras/registry.ts';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { newId } from '../ids.ts';
import { readMp4Info, type Mp4Info } from '../media/mp4-info.ts';
import { lastSegment, maxSegmentMs } from '../store/segment-queries.ts';
import type { SegmentFigures } from '../store/segments.ts';
import type { Store } from '../store/store.ts';
import type { NewEvent } from '../store/units.ts';
import { nameClosedFile } from './durable-link.ts';
import { recordingGap } from '../media/media-events.ts';
import { segmentTimes } from './segment-times.ts';

/** Files of one run of ffmpeg, in order. */
export interface IndexedRun {
  readonly camera: Pick<Camera, 'id' | 'siteId' | 'incarnation'>;
  /** Wall clock, ms. */
  readonly startedAt: number;
  /** Holes since this time were meant to be recorded, ms. */
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
  /** Indexes one closed file of a run; answers false when it held no footage. Never rejects: what fails is logged, and found again by the next scan. */
  index(run: IndexedRun, closed: ClosedRecording): Promise<boolean>;
  /** Indexes a file that has its final name already. */
  adoptNamed(camera: IndexedRun['camera'], file: string, namedStart: number): Promise<boolean>;
}

/** Holes of up to this many whole seconds between segments are the jitter of reconnecting. */
const toleratedGapSeconds = 3;
/** A name that is this far from what the file's time of writing tells was given to another content. */
const nameSlackMs = 5000;

export function createIndexer(options: {
  store: Pick<Store, 'read' | 'write'>;
  clock: Clock;
  /** Absolute. */
  recordingsDir: string;
  log: Logger;
}): Indexer {
  const { store, clock, recordingsDir, log } = options;

  const open = async (camera: IndexedRun['camera'], file: string) => {
    const path = join(recordingsDir, camera.id, file);
    const { mtimeMs, size } = await stat(path);
    if (size === 0) {
      await unlink(path);
      return null;
    }
    const info = await readOrQuarantine(path, (reason, kept) =>
      log.warn({ camera: camera.id, file, kept }, `a recording is not readable: ${reason}`),
    );
    if (info === null) return null;
    if (info.frames > 0 && info.durationMs > 0) return { info, mtimeMs };
    await unlink(path);
    return null;
  };

  const add = async (
    camera: IndexedRun['camera'],
    file: string,
    info: Mp4Info,
    times: { startTime: number; endTime: number },
    live: SegmentFigures | null,
    events: readonly NewEvent[],
  ) => {
    const segment = {
      id: newId('seg', clock.now()),
      path: `${camera.id}/${file}`,
      ...times,
      codec: info.codec,
      width: info.width,
      height: info.height,
      sizeBytes: info.sizeBytes,
    };
    await store.write('segments.add', { incarnation: camera.incarnation, segment, live, events });
  };

  const index: Indexer['index'] = async (run, { file, lastGrowthAt, isLive }) => {
    const { camera } = run;
    const opened = await open(camera, file);
    if (opened === null) return false;
    const { info, mtimeMs } = opened;
    const closedAt = lastGrowthAt ?? mtimeMs;
    const before = run.previousEnd === null ? lastSegment(store.read, camera.id, closedAt) : undefined;
    const times = segmentTimes({
      closedAt,
      isExact: lastGrowthAt === null,
      durationMs: info.durationMs,
      previousEnd: run.previousEnd,
      coveredUntil: before?.endTime ?? null,
      notBefore: run.startedAt,
      maxMs: maxSegmentMs,
    });
    const events = isLive ? gapEvents(store, run, times.startTime, clock.now()) : [];
    const name = await nameClosedFile(join(recordingsDir, camera.id), file, times.startTime);
    await add(camera, name, info, times, isLive ? figuresOf(info) : null, events);
    run.previousEnd = times.endTime;
    noteFormat(run, info);
    return true;
  };

  const adoptNamed: Indexer['adoptNamed'] = async (camera, file, namedStart) => {
    const opened = await open(camera, file);
    if (opened === null) return false;
    const { info, mtimeMs } = opened;
    const written = Math.round(mtimeMs - info.durationMs);
    const startTime = Math.abs(written - namedStart) <= nameSlackMs ? written : namedStart;
    const endTime = startTime + Math.min(info.durationMs, maxSegmentMs);
    await add(camera, file, info, { startTime, endTime }, null, []);
    return true;
  };

  const logged =
    <Args extends readonly [unknown, unknown, ...unknown[]]>(
      work: (...args: Args) => Promise<boolean>,
      about: (...args: Args) => object,
    ) =>
    async (...args: Args): Promise<boolean> => {
      try {
        return await work(...args);
      } catch (error) {
        log.error({ ...about(...args), reason: messageOf(error) }, 'a recording could not be indexed');
        return false;
      }
    };
  return {
    index: logged(index, (run, closed) => ({ camera: run.camera.id, file: closed.file })),
    adoptNamed: logged(adoptNamed, (camera, file) => ({ camera: camera.id, file })),
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

function gapEvents(store: Pick<Store, 'read'>, run: IndexedRun, startTime: number, now: number): NewEvent[] {
  const { camera } = run;
  const before = run.previousEnd ?? lastSegment(store.read, camera.id, startTime)?.endTime;
  if (before === undefined) return [];
  const coveredUntil = Math.max(before, run.intendedSince);
  return Math.floor((startTime - coveredUntil) / 1000) > toleratedGapSeconds
    ? [recordingGap(camera, now, coveredUntil, startTime)]
    : [];
}

/** null when the file is none; it is then in the folder `quarantine` beside it, for a person to look at. */
async function readOrQuarantine(
  path: string,
  tell: (reason: string, kept: string) => void,
): Promise<Mp4Info | null> {
  try {
    return await readMp4Info(path);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const folder = join(path, '..', 'quarantine');
    const kept = join(folder, path.slice(path.lastIndexOf('/') + 1));
    await mkdir(folder, { recursive: true });
    await rename(path, kept);
    tell(messageOf(error), kept);
    return null;
  }
}
