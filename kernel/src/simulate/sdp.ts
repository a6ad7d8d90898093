/** How does the camera describe its streams? (RFC 4566, with RFC 6184, RFC 7798, RFC 3551 and RFC 3640 for the formats.) */
import { isIPv6 } from 'node:net';
import { isVideo, type AudioTrack, type MediaTrack, type VideoTrack } from './media-track.ts';

const firstDynamicPayloadType = 96;

/** Mu-law has a number of its own. */
const g711PayloadType = 0;

export function payloadTypeOf(track: MediaTrack): number {
  return track.codec === 'g711' ? g711PayloadType : firstDynamicPayloadType + track.id - 1;
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
  const { encoding, parameters } = isVideo(track) ? formatOf(track) : soundFormatOf(track);
  return [
    `m=${isVideo(track) ? 'video' : 'audio'} 0 RTP/AVP ${payloadType}`,
    `a=rtpmap:${payloadType} ${encoding}`,
    ...(parameters.length > 0 ? [`a=fmtp:${payloadType} ${parameters.join(';')}`] : []),
    `a=control:${controlOf(track)}`,
  ];
}

interface TrackFormat {
  readonly encoding: string;
  readonly parameters: readonly string[];
}

function soundFormatOf({ codec, clockRate, config }: AudioTrack): TrackFormat {
  if (codec === 'g711') return { encoding: `PCMU/${clockRate}/1`, parameters: [] };
  const lengths = ['sizelength=13', 'indexlength=3', 'indexdeltalength=3'];
  return {
    encoding: `MPEG4-GENERIC/${clockRate}/1`,
    parameters: [
      'streamtype=5',
      'profile-level-id=1',
      'mode=AAC-hbr',
      ...lengths,
      `config=${config.toString('hex')}`,
    ],
  };
}

function formatOf(track: VideoTrack): TrackFormat {
  const { vps, sps, pps } = track.parameterSets;
  switch (track.codec) {
    case 'h264':
      return {
        encoding: `H264/${track.clockRate}`,
        parameters: [
          'packetization-mode=1',
          `profile-level-id=${profileLevelId(sps)}`,
          `sprop-parameter-sets=${base64List([...sps, ...pps])}`,
        ],
      };
    case 'h265':
      return {
        encoding: `H265/${track.clockRate}`,
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
