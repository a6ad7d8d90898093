/** What is in a stream: read off its description, or asked of ffprobe. */
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { startMedia } from './ffmpeg.ts';
import { describeStream } from './rtsp-describe.ts';
import { codecsInSdp } from './sdp-codecs.ts';
import { describeSource } from './source.ts';
import type { MediaTools } from './tools.ts';

export interface StreamInfo {
  /** As ffprobe names it: `h264`, `hevc`, … */
  readonly videoCodec: string | null;
  readonly width: number | null;
  readonly height: number | null;
  /** `unknown`: there is sound, in a format that ffprobe does not know; null: there is none. */
  readonly audioCodec: string | null;
}

export type StreamCodecs = Pick<StreamInfo, 'videoCodec' | 'audioCodec'>;

export type ProbeResult<Info = StreamInfo> =
  | { readonly ok: true; readonly info: Info }
  /** `error` is masked. */
  | { readonly ok: false; readonly error: string; readonly timedOut: boolean };

export interface ProbeRequest {
  readonly url: string;
  readonly tools: MediaTools;
  readonly clock: Clock;
  readonly mask: (text: string) => string;
  readonly marker: string;
  readonly socketTimeoutMs: number;
  readonly timeoutMs: number;
  readonly allowFiles?: boolean;
  readonly signal?: AbortSignal;
}

/** An answer larger than this is no description of a camera's stream. */
const maxOutputBytes = 256 * 1024;

/**
 * Which formats a stream has. An RTSP camera tells by its description, in a few milliseconds and without sending the stream once for that,
 * and whether it is there at all; what it leaves open, and any other stream, is probed, unless it is `known`. Never rejects.
 */
export async function learnCodecs(
  request: ProbeRequest,
  known: StreamCodecs | null,
): Promise<ProbeResult<StreamCodecs>> {
  const otherwise = async () =>
    known === null ? await probeStream(request) : { ok: true as const, info: known };
  if (!/^rtsp:/i.test(request.url)) return await otherwise();
  const { url, signal, socketTimeoutMs: timeoutMs } = request;
  const description = await describeStream(url, { timeoutMs, ...(signal === undefined ? {} : { signal }) });
  if (description.ok) {
    const info = codecsInSdp(description.sdp);
    return info === null ? await otherwise() : { ok: true, info };
  }
  const { status, error } = description;
  // What else it may mean (moved, not understood), ffprobe knows.
  if (status !== null && ![401, 403, 404, 503].includes(status)) return await otherwise();
  return { ok: false, error: request.mask(error), timedOut: false };
}

/** Never rejects: a stream that can't be opened is an answer. */
export async function probeStream(request: ProbeRequest): Promise<ProbeResult> {
  const { clock, timeoutMs } = request;
  const source = describeSource(request.url, {
    socketTimeoutMs: request.socketTimeoutMs,
    allowFiles: request.allowFiles ?? false,
  });
  const args = [
    '-hide_banner',
    '-loglevel',
    'level+warning',
    '-show_entries',
    'stream=codec_type,codec_name,width,height',
    '-of',
    'json',
    ...source.args.filter((arg) => arg !== '-re'),
  ];
  const child = startMedia({ ...request, program: 'ffprobe', args, script: source.script });
  let timedOut = false;
  const cancel = clock.after(timeoutMs, () => {
    timedOut = true;
    void child.stop();
  });
  const abort = () => void child.stop();
  request.signal?.addEventListener('abort', abort, { once: true });
  if (request.signal?.aborted === true) abort();
  const [output, exit] = await Promise.all([readAll(child.stdout), child.exited]);
  cancel();
  request.signal?.removeEventListener('abort', abort);

  if (timedOut) return { ok: false, timedOut, error: `no answer within ${Math.round(timeoutMs / 1000)} s` };
  if (exit.startFailure !== null) return { ok: false, timedOut, error: exit.startFailure };
  if (exit.code !== 0)
    return { ok: false, timedOut, error: exit.stderr === '' ? 'the probe failed' : exit.stderr };
  const info = parseProbe(output);
  return typeof info === 'string' ? { ok: false, timedOut, error: info } : { ok: true, info };
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of stream) {
    sizeBytes += chunk.length;
    if (sizeBytes <= maxOutputBytes) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

interface ProbedStream {
  readonly codec_type?: string;
  readonly codec_name?: string;
  readonly width?: number;
  readonly height?: number;
}

function parseProbe(output: string): StreamInfo | string {
  let streams: readonly ProbedStream[];
  try {
    ({ streams = [] } = JSON.parse(output) as { streams?: ProbedStream[] });
  } catch (error) {
    return `the probe's answer is not readable: ${messageOf(error)}`;
  }
  const video = streams.find((stream) => stream.codec_type === 'video');
  if (video === undefined) return 'the stream holds no video';
  const audio = streams.find((stream) => stream.codec_type === 'audio');
  return {
    videoCodec: video.codec_name ?? null,
    width: video.width ?? null,
    height: video.height ?? null,
    audioCodec: audio === undefined ? null : (audio.codec_name ?? 'unknown'),
  };
}
