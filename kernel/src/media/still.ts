/** One picture as a JPEG: out of a stream, or out of a file at a time. */
import { constants, setPriority } from 'node:os';
import type { Clock } from '../clock.ts';
import { startMedia } from './ffmpeg.ts';
import { describeSource } from './source.ts';
import type { MediaTools } from './tools.ts';

export interface StillRun {
  readonly tools: MediaTools;
  readonly clock: Clock;
  readonly marker: string;
  /** Removes credentials from what ffmpeg says. */
  readonly mask: (text: string) => string;
  /** Ends it before it is done. */
  readonly signal: AbortSignal;
  /** It may wait for everything else that runs. */
  readonly isIdle?: boolean;
}

export type StillSource =
  | { readonly url: string; readonly socketTimeoutMs: number; readonly allowFiles?: boolean }
  /** `atS`: in the file's own time; the first picture that is not earlier is taken. */
  | { readonly path: string; readonly atS: number; readonly widthPx?: number };

export type StillResult =
  | { readonly ok: true; readonly jpeg: Buffer }
  /** `reason` is masked. `isFinal`: it is the source's, and another try would end alike. */
  | { readonly ok: false; readonly reason: string; readonly isFinal: boolean };

/** 2 is best, 31 worst. */
const quality = 3;
/** No picture of a camera is larger. */
const maxBytes = 64 * 1024 * 1024;

/** Never rejects. An aborted one answers why it was. */
export async function takeStill(run: StillRun, source: StillSource): Promise<StillResult> {
  const { args: input, script } = inputOf(source);
  const general = ['-nostdin', '-hide_banner', '-loglevel', 'level+error', '-threads', '1'];
  const width = 'path' in source && source.widthPx !== undefined ? ['-vf', `scale=${source.widthPx}:-2`] : [];
  const one = ['-map', '0:v:0', '-an', '-frames:v', '1', ...width];
  // Cameras send either range of brightness; a JPEG has the full one.
  const jpegOut = ['-pix_fmt', 'yuvj420p', '-c:v', 'mjpeg', '-q:v', String(quality), '-f', 'image2pipe'];
  const args = [...general, ...input, ...one, ...jpegOut, 'pipe:1'];
  const child = startMedia({ ...run, program: 'ffmpeg', args, script });
  if (run.isIdle === true && child.pid !== undefined) lowerPriority(child.pid);
  const stop = () => void child.stop();
  run.signal.addEventListener('abort', stop, { once: true });
  if (run.signal.aborted) stop();
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (sizeBytes <= maxBytes) chunks.push(chunk);
  });
  const exit = await child.exited;
  run.signal.removeEventListener('abort', stop);
  if (exit.startFailure !== null) return { ok: false, reason: exit.startFailure, isFinal: false };
  const jpeg = Buffer.concat(chunks);
  // What was cut off in the middle has no end mark.
  const isWhole =
    jpeg.length > 4 && jpeg.readUInt16BE(0) === 0xffd8 && jpeg.readUInt16BE(jpeg.length - 2) === 0xffd9;
  if (isWhole && sizeBytes <= maxBytes) return { ok: true, jpeg };
  const reason = exit.stderr === '' ? 'no picture came' : exit.stderr;
  return { ok: false, reason, isFinal: exit.signal === null && !exit.stopped };
}

/** One that ended already needs none. */
function lowerPriority(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    return;
  }
}

function inputOf(source: StillSource): { args: readonly string[]; script: string } {
  if ('url' in source) return describeSource(source.url, source);
  return {
    args: ['-seek_timestamp', '1', '-ss', source.atS.toFixed(6), '-i', `file:${source.path}`],
    script: '',
  };
}
