/** How does the camera describe its streams? (RFC 4566, with RFC 6184 and RFC 7798 for the video formats.) */
import { isIPv6 } from 'node:net';
import type { MediaTrack } from './mp4-tracks.ts';

const firstDynamicPayloadType = 96;

export function payloadTypeOf(track: MediaTrack): number {
  return firstDynamicPayloadType + track.id - 1;
}

/** The address of one track, relative to the `Content-Base`. */
export function controlOf(track: MediaTrack): string {
  return `trackID=${track.id}`;
}

export function describeCamera(tracks: readonly MediaTrack[], localAddress: string): string {
  const [family, anyAddress] = isIPv6(localAddress) ? ['IP6', '::'] : ['IP4', '0.0.0.0'];
  const lines = [
    'v=0',
    `o=- 1 1 IN ${family} ${localAddress}`,
    's=Heldar simulated camera',
    `c=IN ${family} ${anyAddress}`,
    't=0 0',
    'a=control:*',
    'a=range:npt=now-',
    ...tracks.flatMap(describeTrack),
  ];
  return lines.map((line) => `${line}\r\n`).join('');
}

function describeTrack(track: MediaTrack): string[] {
  const payloadType = payloadTypeOf(track);
  const { encoding, parameters } = formatOf(track);
  return [
    `m=video 0 RTP/AVP ${payloadType}`,
    `a=rtpmap:${payloadType} ${encoding}/${track.clockRate}`,
    `a=fmtp:${payloadType} ${parameters.join(';')}`,
    `a=control:${controlOf(track)}`,
  ];
}

function formatOf(track: MediaTrack): { encoding: string; parameters: string[] } {
  const { vps, sps, pps } = track.parameterSets;
  switch (track.codec) {
    case 'h264':
      return {
        encoding: 'H264',
        parameters: [
          'packetization-mode=1',
          `profile-level-id=${profileLevelId(sps)}`,
          `sprop-parameter-sets=${base64List([...sps, ...pps])}`,
        ],
      };
    case 'h265':
      return {
        encoding: 'H265',
        parameters: [
          `sprop-vps=${base64List(vps)}`,
          `sprop-sps=${base64List(sps)}`,
          `sprop-pps=${base64List(pps)}`,
        ],
      };
  }
}

/** The three bytes behind the header of an SPS: profile, constraints, level. */
function profileLevelId(sps: readonly Buffer[]): string {
  return (sps[0] ?? Buffer.alloc(0)).toString('hex', 1, 4).toUpperCase();
}

function base64List(nalUnits: readonly Buffer[]): string {
  return nalUnits.map((nalUnit) => nalUnit.toString('base64')).join(',');
}
