/** Which formats does a session description announce? (RFC 4566; numbers of formats in RFC 3551.) */
import type { StreamCodecs } from './probe.ts';

/** By the name in `rtpmap`, in lower case: what ffmpeg calls it. */
const codecs: Readonly<Record<string, string>> = {
  h264: 'h264',
  h265: 'hevc',
  jpeg: 'mjpeg',
  'mp4v-es': 'mpeg4',
  'mpeg4-generic': 'aac',
  'mp4a-latm': 'aac',
  pcmu: 'pcm_mulaw',
  pcma: 'pcm_alaw',
  l16: 'pcm_s16be',
  opus: 'opus',
  mpa: 'mp3',
  g722: 'adpcm_g722',
};

/** Formats whose numbers are fixed need no name. */
const fixedFormats: Readonly<Record<string, string>> = {
  0: 'pcmu',
  8: 'pcma',
  9: 'g722',
  10: 'l16',
  11: 'l16',
  14: 'mpa',
  26: 'jpeg',
};

/** Of the first track of pictures and the first of sound; null when there are no pictures, or one of the two has a name not known here. */
export function codecsInSdp(sdp: string): StreamCodecs | null {
  const tracks = sdp.split(/^m=/m).slice(1);
  const codecOf = (kind: string) => {
    const track = tracks.find((text) => text.startsWith(`${kind} `));
    return track === undefined ? null : (codecOfTrack(track) ?? 'unknown');
  };
  const videoCodec = codecOf('video');
  const audioCodec = codecOf('audio');
  if (videoCodec === null || videoCodec === 'unknown' || audioCodec === 'unknown') return null;
  return { videoCodec, audioCodec };
}

/** `audio 0 RTP/AVP 96`, then its attributes. */
function codecOfTrack(track: string): string | null {
  const number = /^\w+ \d+(?:\/\d+)? \S+ (\d+)/.exec(track)?.[1];
  if (number === undefined) return null;
  const named = new RegExp(`^a=rtpmap:${number}\\s+([^/\\s]+)`, 'm').exec(track)?.[1];
  const name = (named ?? fixedFormats[number] ?? '').toLowerCase();
  return Object.hasOwn(codecs, name) ? (codecs[name] ?? null) : null;
}
