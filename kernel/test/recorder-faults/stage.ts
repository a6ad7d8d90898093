/** One camera that misbehaves, one recorder, and what can be seen of both. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { readMp4Info } from '../../src/media/mp4-info.ts';
import { readCameraStatus } from '../../src/store/camera-queries.ts';
import { listSegments, type SegmentRow } from '../../src/store/segment-queries.ts';
import { childrenOf, createMediaRig } from '../media-rig.ts';
import { openMediaStore } from '../media-store.ts';
import { startSimulated, type SimulatedProcess, type SimulatedProcessOptions } from '../simulated-process.ts';
import { until } from '../until.ts';

export interface Stage {
  readonly camera: SimulatedProcess;
  status(): ReturnType<typeof readCameraStatus>;
  segments(): SegmentRow[];
  /** Payloads of the events of that type. */
  events(type: string): string[];
  isRecording(): boolean;
  /** Resolves when this many ms of the stream have been written since `sinceMs`, wall clock. */
  recorded(ms: number, sinceMs?: number): Promise<void>;
  /** Resolves when the first key frame that came after that wall-clock time, ms, is on disk. */
  back(sinceMs: number): Promise<Comeback>;
  /** When the recorder was started, wall clock, ms. */
  readonly startedAt: number;
  /** Ends the recording, so that everything is indexed. */
  stop(): Promise<void>;
  /** What ffprobe finds in the file of a segment. */
  probe(segment: SegmentRow): Promise<ProbedSegment>;
  /** Media processes of this recorder. */
  processes(): Promise<number[]>;
}

export interface Comeback {
  /** From the camera's return to its first key frame on disk, ms. */
  readonly afterMs: number;
  /** Of that, somebody of ours had asked and the camera's key frame was not due, ms. */
  readonly keyFrameWaitMs: number;
}

export interface ProbedSegment {
  /** `h264`, `hevc`, `aac`, …, video first. */
  readonly codecs: readonly string[];
  /** Pictures that decode. */
  readonly frames: number;
  readonly complaints: string;
}

export interface StageOptions extends SimulatedProcessOptions {
  readonly segmentSeconds?: number;
  readonly recordAudio?: boolean;
  /** In the camera's URL. */
  readonly givenLogin?: string;
  /** Happens before the recorder starts. */
  readonly first?: string;
}

/** Everything is ended when `play` is. */
export async function onStage<Outcome>(
  options: StageOptions,
  play: (stage: Stage) => Promise<Outcome>,
): Promise<Outcome> {
  await using camera = await startSimulated(options);
  await using media = await openMediaStore();
  const { store, recordingsDir } = media;
  if (options.first !== undefined) await camera.order(options.first);
  const login = options.givenLogin === undefined ? '' : `${options.givenLogin}@`;
  const id = await media.createCamera({
    name: 'Street',
    main_stream_url: camera.url.replace('//', `//${login}`),
    segment_seconds: options.segmentSeconds ?? 4,
    record_audio: options.recordAudio ?? false,
  });
  await using rig = await createMediaRig(media);
  const startedAt = Date.now();
  await rig.fleet.start();
  const folder = join(recordingsDir, id);
  return await play({
    camera,
    status: () => readCameraStatus(store.read, id),
    segments: () => listSegments(store.read, id, {}, 1000),
    events: (type) =>
      media
        .sql<{ payload: string }>('SELECT payload FROM events WHERE event_type = ? ORDER BY seq', type)
        .map(({ payload }) => payload),
    isRecording: () => readCameraStatus(store.read, id)?.state === 'recording',
    async recorded(ms, sinceMs = 0) {
      await until(`${ms} ms of footage`, async () => (await writtenSince(folder, sinceMs)) >= ms, 60_000);
    },
    startedAt,
    back: (sinceMs) => waitForComeback(camera, folder, sinceMs),
    stop: () => rig.fleet.stop(),
    probe: (segment) => probe(join(recordingsDir, segment.path)),
    processes: () => childrenOf(media.folder),
  });
}

/** Footage in files that were begun after that time, ms. */
async function writtenSince(folder: string, sinceMs: number): Promise<number> {
  const files = await filesSince(folder, sinceMs);
  const infos = await Promise.all(files.map((file) => readMp4Info(file).catch(() => null)));
  return infos.reduce((sum, info) => sum + (info?.durationMs ?? 0), 0);
}

async function filesSince(folder: string, sinceMs: number): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const found: string[] = [];
  for (const name of names.filter((entry) => entry.endsWith('.mp4'))) {
    const file = join(folder, name);
    // A link gives the file a new change time, and leaves the time of its birth.
    const { birthtimeMs } = await stat(file).catch(() => ({ birthtimeMs: 0 }));
    if (birthtimeMs > sinceMs) found.push(file);
  }
  return found;
}

async function waitForComeback(camera: SimulatedProcess, folder: string, sinceMs: number): Promise<Comeback> {
  await until('a key frame after the fault', async () => (await writtenSince(folder, sinceMs)) > 0, 90_000);
  return { afterMs: Date.now() - sinceMs, keyFrameWaitMs: keyFrameWaits(camera, sinceMs) };
}

/** Of all who asked since then, the probe first: from their question to the first key frame. */
function keyFrameWaits({ notes }: SimulatedProcess, sinceMs: number): number {
  let sum = 0;
  let askedAt = sinceMs;
  for (const { time, msg, codec } of notes) {
    if (msg === 'session plays') askedAt = Math.max(time, sinceMs);
    if (time >= sinceMs && msg === 'first frame sent' && codec?.startsWith('h26') === true)
      sum += time - askedAt;
  }
  return sum;
}

async function probe(file: string): Promise<ProbedSegment> {
  const entries = ['-count_frames', '-show_entries', 'stream=codec_type,codec_name,nb_read_frames'];
  const { stdout, stderr } = await execa('ffprobe', ['-v', 'error', ...entries, '-of', 'json', file]);
  const { streams } = JSON.parse(stdout) as {
    streams: { codec_type: string; codec_name: string; nb_read_frames?: string }[];
  };
  const sorted = streams.toSorted((a, b) => b.codec_type.localeCompare(a.codec_type));
  return {
    codecs: sorted.map(({ codec_name: name }) => name),
    frames: Number(sorted[0]?.nb_read_frames ?? 0),
    complaints: stderr,
  };
}
