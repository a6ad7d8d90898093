/** Where does one picture end and the next begin in what ffmpeg writes as `mpjpeg`? */

export interface MpjpegReader {
  /** Takes what came, answers the pictures that are complete, each in memory of its own. Throws a RangeError for anything else. */
  push(chunk: Buffer): Buffer[];
}

const longestHeader = 1024;
const defaultMaxFrameBytes = 16 * 1024 * 1024;

/** Each part states its length, so pictures are not searched for markers. */
export function createMpjpegReader(maxFrameBytes = defaultMaxFrameBytes): MpjpegReader {
  let header = '';
  let picture: { bytes: Buffer; filled: number } | null = null;

  return {
    push(chunk) {
      const pictures: Buffer[] = [];
      let position = 0;
      while (position < chunk.length) {
        if (picture === null) {
          // One byte at a time is enough: a header has about sixty.
          header += String.fromCharCode(chunk.readUInt8(position));
          position += 1;
          if (header.length > longestHeader) throw new RangeError('a part begins with no header');
          if (!header.endsWith('\r\n\r\n') || header.trim() === '') continue;
          picture = { bytes: Buffer.allocUnsafeSlow(readLength(header, maxFrameBytes)), filled: 0 };
          header = '';
          continue;
        }
        const taken = chunk.copy(picture.bytes, picture.filled, position);
        picture.filled += taken;
        position += taken;
        if (picture.filled < picture.bytes.length) continue;
        pictures.push(picture.bytes);
        picture = null;
      }
      return pictures;
    },
  };
}

function readLength(header: string, maxFrameBytes: number): number {
  const length = Number(/^content-length:\s*(\d+)\s*$/im.exec(header)?.[1] ?? Number.NaN);
  if (!(length > 0)) throw new RangeError('a part does not state its length');
  if (length > maxFrameBytes) throw new RangeError(`a picture has ${length} bytes`);
  return length;
}
