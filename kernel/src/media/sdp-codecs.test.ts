/** Are the formats of a description those that ffprobe would find? */
import { expect, test } from 'vitest';
import { codecsInSdp } from './sdp-codecs.ts';

const head = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0'];
const sdp = (...lines: string[]) => [...head, ...lines, ''].join('\r\n');
const h264 = ['m=video 0 RTP/AVP 96', 'a=rtpmap:96 H264/90000', 'a=fmtp:96 packetization-mode=1'];

test.each([
  [sdp(...h264), { videoCodec: 'h264', audioCodec: null }],
  [
    sdp('m=audio 0 RTP/AVP 0', 'a=control:a', 'm=video 0 RTP/AVP 98', 'a=rtpmap:98 h265/90000'),
    { videoCodec: 'hevc', audioCodec: 'pcm_mulaw' },
  ],
  [
    sdp(...h264, 'm=audio 0 RTP/AVP 97', 'a=rtpmap:97 MPEG4-GENERIC/16000/1', 'm=application 0 RTP/AVP 107'),
    { videoCodec: 'h264', audioCodec: 'aac' },
  ],
  [sdp('m=video 0 RTP/AVP 26', 'm=audio 0 RTP/AVP 8'), { videoCodec: 'mjpeg', audioCodec: 'pcm_alaw' }],
  // The first track of each kind is the one that is recorded.
  [sdp(...h264, 'm=video 0 RTP/AVP 99', 'a=rtpmap:99 H265/90000'), { videoCodec: 'h264', audioCodec: null }],
])('%#: the formats of both tracks', (text, codecs) => {
  expect(codecsInSdp(text)).toEqual(codecs);
});

test.each([
  ['no pictures', sdp('m=audio 0 RTP/AVP 0')],
  ['pictures of an unknown kind', sdp('m=video 0 RTP/AVP 96', 'a=rtpmap:96 vnd.vendor.h264x/90000')],
  ['sound of an unknown kind', sdp(...h264, 'm=audio 0 RTP/AVP 97', 'a=rtpmap:97 G726-32/8000')],
  ['a number without a name', sdp('m=video 0 RTP/AVP 96')],
  ['no description', ''],
])('%s: that is left to ffprobe', (_, text) => {
  expect(codecsInSdp(text)).toBeNull();
});
