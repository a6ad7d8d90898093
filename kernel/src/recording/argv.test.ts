import { describe, expect, it } from 'vitest';
import { describeSource } from '../media/source.ts';
import { recordingArgs, type RecordingRequest } from './argv.ts';

const request: RecordingRequest = {
  source: describeSource('rtsp://admin:secret@cam/live', { socketTimeoutMs: 4000 }),
  streams: { videoCodec: 'h264', audioCodec: 'aac' },
  recordAudio: false,
  segmentSeconds: 60,
  folder: '/data/100% full/cam',
  run: 'w0123456789abcdef',
};
const argsOf = (change: Partial<RecordingRequest>) => recordingArgs({ ...request, ...change });
const textOf = (change: Partial<RecordingRequest>) => argsOf(change).join(' ');

describe('recordingArgs', () => {
  it('copies the first video stream into fragmented segments that reach the disk at once', () => {
    const text = textOf({});
    expect(text).toContain('-map 0:v:0 -c:v copy -an');
    expect(text).toContain('-f segment -segment_time 60 -segment_format mp4');
    expect(text).toContain('frag_duration=400000:flush_packets=1:max_interleave_delta=100000');
    expect(text).toContain('-segment_list pipe:1 -segment_list_type csv');
    expect(text).not.toContain('secret');
  });

  it('writes a pattern in which only the index is one', () => {
    expect(argsOf({}).at(-1)).toBe('/data/100%% full/cam/w0123456789abcdef_%06d.mp4');
  });

  it('tags H.265 as players want it', () => {
    expect(textOf({ streams: { videoCodec: 'hevc', audioCodec: null } })).toContain('-c:v copy -tag:v hvc1');
    expect(textOf({})).not.toContain('hvc1');
  });

  it('copies audio that MP4 holds, turns other audio into AAC, and maps none where there is none', () => {
    expect(textOf({ recordAudio: true })).toContain('-map 0:a:0? -c:v copy -c:a copy');
    const g711 = { videoCodec: 'h264', audioCodec: 'pcm_mulaw' };
    expect(textOf({ recordAudio: true, streams: g711 })).toContain('-c:a aac -b:a 48k');
    const silent = textOf({ recordAudio: true, streams: { videoCodec: 'h264', audioCodec: null } });
    expect(silent).toContain('-an');
    expect(silent).not.toContain('0:a:0');
  });
});
