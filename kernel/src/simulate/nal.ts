/** Which NAL units does an access unit hold, and which of them describe the stream? */

export type VideoCodec = 'h264' | 'h265';

export interface ParameterSets {
  /** H.265 only; empty for H.264. */
  readonly vps: readonly Buffer[];
  readonly sps: readonly Buffer[];
  readonly pps: readonly Buffer[];
}

type NalKind = 'vps' | 'sps' | 'pps' | 'delimiter' | 'other';

const h264Kinds: Record<number, NalKind> = { 7: 'sps', 8: 'pps', 9: 'delimiter' };
const h265Kinds: Record<number, NalKind> = { 32: 'vps', 33: 'sps', 34: 'pps', 35: 'delimiter' };

/** Bytes of a NAL unit's own header; a shorter unit is no NAL unit. */
export const nalHeaderBytes = { h264: 1, h265: 2 } as const satisfies Record<VideoCodec, number>;

/** Cuts an MP4 sample (NAL units, each behind its length) into NAL units; throws a RangeError when lengths do not add up. */
export function splitNalUnits(codec: VideoCodec, sample: Buffer, lengthBytes: number): Buffer[] {
  const nalUnits: Buffer[] = [];
  let position = 0;
  while (position < sample.length) {
    const start = position + lengthBytes;
    const end = start <= sample.length ? start + sample.readUIntBE(position, lengthBytes) : Infinity;
    if (end > sample.length)
      throw new RangeError(`a NAL unit at byte ${position} reaches past the end of its sample`);
    if (end - start >= nalHeaderBytes[codec]) nalUnits.push(sample.subarray(start, end));
    position = end;
  }
  return nalUnits;
}

export function collectParameterSets(codec: VideoCodec, nalUnits: readonly Buffer[]): ParameterSets {
  const ofKind = (kind: NalKind) => nalUnits.filter((nalUnit) => kindOf(codec, nalUnit) === kind);
  return { vps: ofKind('vps'), sps: ofKind('sps'), pps: ofKind('pps') };
}

/** Puts the parameter sets in front of a key frame that does not carry its own, behind its access unit delimiter. */
export function withParameterSets(
  codec: VideoCodec,
  nalUnits: readonly Buffer[],
  sets: ParameterSets,
): readonly Buffer[] {
  if (nalUnits.some((nalUnit) => kindOf(codec, nalUnit) === 'sps')) return nalUnits;
  const [first] = nalUnits;
  const delimiters = first !== undefined && kindOf(codec, first) === 'delimiter' ? 1 : 0;
  return [
    ...nalUnits.slice(0, delimiters),
    ...sets.vps,
    ...sets.sps,
    ...sets.pps,
    ...nalUnits.slice(delimiters),
  ];
}

function kindOf(codec: VideoCodec, nalUnit: Buffer): NalKind {
  const header = nalUnit[0] ?? 0;
  const kind = codec === 'h264' ? h264Kinds[header & 0x1f] : h265Kinds[(header >> 1) & 0x3f];
  return kind ?? 'other';
}
