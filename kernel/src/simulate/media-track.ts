/** What does the camera know of one of its tracks? */
import type { ParameterSets, VideoCodec } from './nal.ts';

/** One coded picture, or one packet of sound; times in seconds from the first one's decode time. */
export interface MediaSample {
  readonly offset: number;
  readonly sizeBytes: number;
  readonly decodeSeconds: number;
  readonly presentationSeconds: number;
  /** Of sound every sample is one. */
  readonly isKeyFrame: boolean;
}

interface Track {
  /** 1, 2, …: the number in the control address `trackID=1`. */
  readonly id: number;
  /** Ticks a second of the RTP time stamps. */
  readonly clockRate: number;
  /** In decode order. */
  readonly samples: readonly MediaSample[];
  readonly durationSeconds: number;
}

export interface VideoTrack extends Track {
  readonly codec: VideoCodec;
  /** Bytes of the length in front of each NAL unit. */
  readonly nalLengthBytes: number;
  readonly parameterSets: ParameterSets;
}

/** `g711` is its mu-law form. */
export type AudioCodec = 'g711' | 'aac';

export interface AudioTrack extends Track {
  readonly codec: AudioCodec;
  /** The AudioSpecificConfig of AAC; empty for G.711. */
  readonly config: Buffer;
}

export type MediaTrack = VideoTrack | AudioTrack;

export function isVideo(track: MediaTrack): track is VideoTrack {
  return track.codec === 'h264' || track.codec === 'h265';
}
