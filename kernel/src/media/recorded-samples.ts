/** What a recording is made of: tracks, and samples in fragments. */

export interface RecordedTrack {
  readonly id: number;
  readonly kind: 'video' | 'audio';
  /** Ticks a second. */
  readonly timescale: number;
  /** How its samples are coded: the box of the sample entry, without the bit rate, which differs from file to file. */
  readonly entry: Buffer;
  /** Pixels; 0 for audio. */
  readonly width: number;
  readonly height: number;
  /** What its edit list adds to all times, ticks. */
  readonly delay: number;
}

export interface Sample {
  /** First byte in the file. */
  readonly position: number;
  readonly sizeBytes: number;
  /** When it is decoded, ticks. */
  readonly time: number;
  readonly duration: number;
  /** How much later it is shown, ticks. */
  readonly shift: number;
  readonly isKey: boolean;
}

export interface Fragment {
  /** First byte of its header, and the first behind its data. */
  readonly position: number;
  readonly endPosition: number;
  /** By track id, in decoding order. */
  readonly samples: ReadonlyMap<number, readonly Sample[]>;
}

export interface Recording {
  readonly path: string;
  /** Video first. */
  readonly tracks: readonly RecordedTrack[];
  readonly fragments: readonly Fragment[];
  /** False: all samples are listed in the movie header, and the fragments are only a way to look at them. */
  readonly isFragmented: boolean;
}
