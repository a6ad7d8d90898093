/** One picture of a stream, asked of ffmpeg: nothing is written to disk, and no credential stands in its arguments. */
import type { Clock } from '../clock.ts';
import { startMedia, type MediaExit } from './ffmpeg.ts';
import { describeSource } from './source.ts';
import type { MediaTools } from './tools.ts';

export interface StillRequest {
  readonly url: string;
  readonly tools: MediaTools;
  readonly clock: Clock;
  readonly mask: (text: string) => string;
  readonly marker: string;
  readonly allowFiles?: boolean;
  readonly signal?: AbortSignal;
}

export type StillResult =
  | { readonly ok: true; readonly jpeg: Buffer }
  /** `error` is masked. */
  | { readonly ok: false; readonly error: string; readonly timedOut: boolean };

/** Sockets silent for longer end the attempt, ms. */
const socketTimeoutMs = 10_000;
const overallMs = 20_000;
const quality = 3;
/** No picture of a camera is larger. */
const maxBytes = 32 * 1024 * 1024;

/** Never rejects: a stream that gives no picture is an answer. */
export async function takeStill(request: StillRequest): Promise<StillResult> {
  const { clock, signal } = request;
  const source = describeSource(request.url, { socketTimeoutMs, allowFiles: request.allowFiles ?? false });
  const child = startMedia({
    ...request,
    program: 'ffmpeg',
    args: stillArgs(source.args.filter((arg) => arg !== '-re')),
    script: source.script,
  });
  let timedOut = false;
  const stop = () => void child.stop();
  const cancel = clock.after(overallMs, () => {
    timedOut = true;
    stop();
  });
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) stop();
  const [jpeg, exit] = await Promise.all([readPicture(child.stdout, stop), child.exited]);
  cancel();
  signal?.removeEventListener('abort', stop);
  if (jpeg !== null) return { ok: true, jpeg };
  return {
    ok: false,
    timedOut,
    error: timedOut ? `no picture within ${overallMs / 1000} s` : reasonOf(exit),
  };
}

function reasonOf({ startFailure, stderr }: MediaExit): string {
  return startFailure ?? (stderr === '' ? 'the stream gave no picture' : stderr);
}

/** null when what came is not one whole JPEG. */
async function readPicture(stream: AsyncIterable<Buffer>, stop: () => void): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of stream) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) stop();
    else chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  return sizeBytes <= maxBytes && isJpeg(bytes) ? bytes : null;
}

function isJpeg(bytes: Buffer): boolean {
  const { length } = bytes;
  return length > 4 && bytes.readUInt16BE(0) === 0xffd8 && bytes.readUInt16BE(length - 2) === 0xffd9;
}

function stillArgs(input: readonly string[]): string[] {
  return [
    '-nostdin',
    '-hide_banner',
    '-loglevel',
    'level+error',
    '-threads',
    '1',
    ...input,
    '-map',
    '0:v:0',
    '-an',
    '-frames:v',
    '1',
    '-c:v',
    'mjpeg',
    '-q:v',
    String(quality),
    '-f',
    'image2pipe',
    'pipe:1',
  ];
}
