/** Does a picture bring a description of the video with it? */

/** By codec: the type in a NAL unit's header, and which type is a sequence parameter set. */
const formats: Readonly<Record<string, { typeOf: (header: number) => number; sequenceSet: number }>> = {
  h264: { typeOf: (header) => header & 0x1f, sequenceSet: 7 },
  hevc: { typeOf: (header) => (header >> 1) & 0x3f, sequenceSet: 33 },
};

/**
 * Looks at the beginning of the media of a fragment, NAL units behind their lengths of four bytes. Answers the first
 * sequence parameter set, without its length; null when there is none, or the media begins with anything else.
 */
export function findSequenceSet(codec: string | null, media: Buffer): Buffer | null {
  const format = codec !== null && Object.hasOwn(formats, codec) ? formats[codec] : undefined;
  if (format === undefined) return null;
  for (let position = 0; position + 5 <= media.length;) {
    const end = position + 4 + media.readUInt32BE(position);
    // Pictures are longer than what is looked at; sets come before them.
    if (end > media.length) return null;
    if (format.typeOf(media.readUInt8(position + 4)) === format.sequenceSet)
      return media.subarray(position + 4, end);
    position = end;
  }
  return null;
}
