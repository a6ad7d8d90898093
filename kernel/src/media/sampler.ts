/** One attempt to sample a camera: decode at the granted rate, hand on each picture, end with a reason. */
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { startMedia, type MediaExit } from './ffmpeg.ts';
import { createMpjpegReader } from './mpjpeg.ts';
import { describeSource, type SourceInput } from './source.ts';
import type { MediaTools } from './tools.ts';

export interface SamplerRun {
  readonly url: string;
  readonly fps: number;
  readonly width: number;
  readonly tools: MediaTools;
  readonly clock: Clock;
  readonly mask: (text: string) => string;
  readonly marker: string;
  readonly allowFiles: boolean;
  readonly signal: AbortSignal;
  onPicture(jpeg: Buffer): void;
}

export interface SamplerEnd {
  readonly reason: 'stopped' | 'failed' | 'ended';
  /** Masked. */
  readonly detail: string;
  readonly ranMs: number;
  readonly pictures: number;
}

/** Some cameras send nothing before their next key frame. */
const socketTimeoutMs = 15_000;
const firstPictureMs = 20_000;
const quality = 5;

/** Never rejects. A source that stands still is ended. */
export async function sampleOnce(run: SamplerRun): Promise<SamplerEnd> {
  const { clock } = run;
  const startedAt = clock.monotonic();
  let pictures = 0;
  try {
    const source = describeSource(run.url, { socketTimeoutMs, allowFiles: run.allowFiles });
    const child = startMedia({
      ...run,
      program: 'ffmpeg',
      args: samplerArgs(run, source),
      script: source.script,
    });
    let problem: string | null = null;
    const end = (text: string | null) => {
      problem ??= text;
      void child.stop();
    };
    const stop = () => end(null);
    run.signal.addEventListener('abort', stop, { once: true });
    if (run.signal.aborted) stop();

    const stillMs = Math.max(10_000, 5000 / run.fps);
    let cancelWatch = clock.after(Math.max(firstPictureMs, stillMs), () => end('no picture came'));
    const reader = createMpjpegReader();
    child.stdout.on('data', (chunk: Buffer) => {
      try {
        for (const jpeg of reader.push(chunk)) {
          if (run.signal.aborted) return;
          pictures += 1;
          run.onPicture(jpeg);
          cancelWatch();
          cancelWatch = clock.after(stillMs, () => end(`no picture for ${Math.round(stillMs / 1000)} s`));
        }
      } catch (error) {
        end(messageOf(error));
      }
    });
    const exit = await child.exited;
    cancelWatch();
    run.signal.removeEventListener('abort', stop);
    return { ...reasonOf(run.signal.aborted, problem, exit), ranMs: clock.monotonic() - startedAt, pictures };
  } catch (error) {
    const ranMs = clock.monotonic() - startedAt;
    return { reason: 'failed', detail: run.mask(messageOf(error)), ranMs, pictures };
  }
}

function reasonOf(
  isStopped: boolean,
  problem: string | null,
  exit: MediaExit,
): Pick<SamplerEnd, 'reason' | 'detail'> {
  if (isStopped) return { reason: 'stopped', detail: '' };
  if (exit.startFailure !== null) return { reason: 'failed', detail: exit.startFailure };
  const status =
    exit.signal === null ? `ffmpeg ended with code ${exit.code}` : `ffmpeg ended by ${exit.signal}`;
  return {
    reason: 'ended',
    detail: [exit.stderr, problem ?? status].filter((text) => text !== '').join('\n'),
  };
}

function samplerArgs({ fps, width }: Pick<SamplerRun, 'fps' | 'width'>, source: SourceInput): string[] {
  return [
    '-nostdin',
    '-hide_banner',
    '-loglevel',
    'level+error',
    // More threads would hold pictures back, and cost memory per camera.
    '-threads',
    '1',
    ...source.args,
    '-map',
    '0:v:0',
    '-an',
    '-vf',
    `fps=${fps},scale=${width}:-2`,
    '-c:v',
    'mjpeg',
    '-q:v',
    String(quality),
    '-f',
    'mpjpeg',
    '-flush_packets',
    '1',
    'pipe:1',
  ];
}
