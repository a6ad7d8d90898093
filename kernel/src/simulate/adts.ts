/** Which frames does a stream of AAC in ADTS hold, and how is a decoder told of them? (ISO/IEC 13818-7, 14496-3) */

export interface AdtsStream {
  /** The AudioSpecificConfig. */
  readonly config: Buffer;
  /** Without their headers. */
  readonly frames: readonly { readonly offset: number; readonly sizeBytes: number }[];
}

/** @throws RangeError when a header is not where it should be. */
export function readAdts(bytes: Buffer): AdtsStream {
  const frames: { offset: number; sizeBytes: number }[] = [];
  for (let position = 0; position + 7 <= bytes.length;) {
    if ((bytes.readUInt16BE(position) & 0xfff0) !== 0xfff0)
      throw new RangeError(`no ADTS header at byte ${position}`);
    const frameBytes = (bytes.readUIntBE(position + 3, 3) >> 5) & 0x1fff;
    const headerBytes = (bytes.readUInt8(position + 1) & 1) === 1 ? 7 : 9;
    if (frameBytes <= headerBytes) throw new RangeError(`an empty ADTS frame at byte ${position}`);
    if (position + frameBytes > bytes.length) break;
    frames.push({ offset: position + headerBytes, sizeBytes: frameBytes - headerBytes });
    position += frameBytes;
  }
  if (frames.length === 0) throw new RangeError('no ADTS frame');
  return { config: configOf(bytes), frames };
}

/** 5 bits object type, 4 bits index of the sampling rate, 4 bits channels. */
function configOf(header: Buffer): Buffer {
  const profile = header.readUInt8(2) >> 6;
  const rateIndex = (header.readUInt8(2) >> 2) & 0xf;
  const channels = ((header.readUInt8(2) & 1) << 2) | (header.readUInt8(3) >> 6);
  const config = Buffer.alloc(2);
  config.writeUInt16BE(((profile + 1) << 11) | (rateIndex << 7) | (channels << 3));
  return config;
}
