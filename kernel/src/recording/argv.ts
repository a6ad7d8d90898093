/** Which arguments make ffmpeg record a stream so that a kill loses well under a second. */
import type { StreamCodecs } from '../media/probe.ts';
import type { SourceInput } from '../media/source.ts';
import { unknownCodec } from './audio-choice.ts';
import { openFilePattern } from './file-names.ts';

export interface RecordingRequest {
  readonly source: SourceInput;
  readonly streams: StreamCodecs;
  readonly recordAudio: boolean;
  readonly segmentSeconds: number;
  /** Absolute. */
  readonly folder: string;
  readonly run: string;
}

/** Audio that the MP4 muxer takes as it is and players understand; all else becomes AAC. */
const copiedAudio = new Set(['aac', 'mp3']);
/** How long the muxers wait for a stream that fell silent, µs; needed on both levels. */
const interleaveUs = 100_000;
/** A fragment is at most this long, µs: what a kill can cost. */
const fragmentUs = 400_000;

/**
 * Options of the segments stand on the *inner* muxer, where alone they work; `flush_packets` sends each fragment to the file
 * at once instead of through a buffer of 256 KiB.
 */
export function recordingArgs(request: RecordingRequest): string[] {
  const { source, streams } = request;
  const inner = [
    'movflags=+frag_keyframe+empty_moov+default_base_moof',
    `frag_duration=${fragmentUs}`,
    'flush_packets=1',
    `max_interleave_delta=${interleaveUs}`,
  ].join(':');
  return [
    '-nostdin',
    '-hide_banner',
    '-loglevel',
    'level+warning',
    ...source.args,
    '-map',
    '0:v:0',
    ...audioMap(request),
    '-c:v',
    'copy',
    // Players want HEVC in MP4 under this name.
    ...(streams.videoCodec === 'hevc' ? ['-tag:v', 'hvc1'] : []),
    ...audioCodec(request),
    '-max_interleave_delta',
    String(interleaveUs),
    '-f',
    'segment',
    '-segment_time',
    String(request.segmentSeconds),
    '-segment_format',
    'mp4',
    '-segment_format_options',
    inner,
    '-reset_timestamps',
    '1',
    '-segment_list',
    'pipe:1',
    '-segment_list_type',
    'csv',
    openFilePattern(request.folder, request.run),
  ];
}

/** ffmpeg writes nothing before the first sound has come. */
export function encodesAudio(request: Pick<RecordingRequest, 'recordAudio' | 'streams'>): boolean {
  return records(request) && !copiedAudio.has(request.streams.audioCodec ?? '');
}

function records({ recordAudio, streams }: Pick<RecordingRequest, 'recordAudio' | 'streams'>): boolean {
  return recordAudio && streams.audioCodec !== null && streams.audioCodec !== unknownCodec;
}

function audioMap(request: RecordingRequest): string[] {
  return records(request) ? ['-map', '0:a:0?'] : [];
}

function audioCodec(request: RecordingRequest): string[] {
  if (!records(request)) return ['-an'];
  return encodesAudio(request) ? ['-c:a', 'aac', '-b:a', '48k'] : ['-c:a', 'copy'];
}
