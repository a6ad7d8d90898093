import { expect, test } from 'vitest';
import type { MediaTrack } from './media-track.ts';
import { describeCamera } from './sdp.ts';

const sps = Buffer.from([0x67, 0x4d, 0x40, 0x16, 0xf6]);
const pps = Buffer.from([0x68, 0xe9]);
const h264: MediaTrack = {
  id: 1,
  codec: 'h264',
  clockRate: 90_000,
  nalLengthBytes: 4,
  parameterSets: { vps: [], sps: [sps], pps: [pps] },
  samples: [],
  durationSeconds: 1,
};

test('an H.264 camera is described with its profile and parameter sets', () => {
  expect(describeCamera([h264], '192.0.2.1')).toBe(
    [
      'v=0',
      'o=- 1 1 IN IP4 192.0.2.1',
      's=Heldar simulated camera',
      'c=IN IP4 0.0.0.0',
      't=0 0',
      'a=control:*',
      'a=range:npt=now-',
      'm=video 0 RTP/AVP 96',
      'a=rtpmap:96 H264/90000',
      'a=fmtp:96 packetization-mode=1;profile-level-id=4D4016;sprop-parameter-sets=Z01AFvY=,aOk=',
      'a=control:trackID=1',
      '',
    ].join('\r\n'),
  );
});

test('an H.265 camera is described with its three kinds of parameter sets', () => {
  const parameterSets = {
    vps: [Buffer.from([0x40, 1])],
    sps: [Buffer.from([0x42, 1])],
    pps: [Buffer.from([0x44, 1])],
  };
  const description = describeCamera([{ ...h264, codec: 'h265', parameterSets }], '192.0.2.1');
  expect(description).toContain(
    'a=rtpmap:96 H265/90000\r\na=fmtp:96 sprop-vps=QAE=;sprop-sps=QgE=;sprop-pps=RAE=\r\n',
  );
});

test('a client on IPv6 gets addresses of that kind', () => {
  expect(describeCamera([h264], '2001:db8::1')).toContain('o=- 1 1 IN IP6 2001:db8::1\r\n');
});
