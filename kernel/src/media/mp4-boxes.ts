/** How the boxes of an MP4 header nest. */

export type RangeReader = (position: number, length: number) => Promise<Buffer>;

export interface Box {
  readonly type: string;
  /** What follows the box header. */
  readonly data: Buffer;
  children(): Box[];
  /** The first box down this path. */
  find(...path: string[]): Box | undefined;
}

/** What stands in front of the box at that position. @throws RangeError when it is none. */
export async function readBoxHeader(
  read: RangeReader,
  position: number,
  sizeBytes: number,
): Promise<BoxHeader> {
  const bytesLeft = sizeBytes - position;
  return parseBoxHeader(await read(position, Math.min(16, bytesLeft)), bytesLeft);
}

export interface BoxHeader {
  /** Four letters. */
  readonly type: string;
  readonly headerBytes: number;
  /** The header counts too. */
  readonly boxBytes: number;
}

/**
 * `header`: at least 8 bytes, 16 where the file has them. A box without a size goes on to the end of the file, `bytesLeft` away.
 * @throws RangeError when it is none.
 */
export function parseBoxHeader(header: Buffer, bytesLeft: number): BoxHeader {
  const type = typeNames.get(header.readUInt32BE(4)) ?? header.toString('latin1', 4, 8);
  const stated = header.readUInt32BE(0);
  const isLong = stated === 1 && header.length >= 16;
  const headerBytes = isLong ? 16 : 8;
  const boxBytes = isLong ? Number(header.readBigUInt64BE(8)) : stated === 0 ? bytesLeft : stated;
  if (boxBytes < headerBytes) throw new RangeError(`the box '${type}' is shorter than its header`);
  return { type, headerBytes, boxBytes };
}

/** Those that fill a recording, so that no text is made of each. */
const typeNames = new Map(['moof', 'mdat'].map((type) => [Buffer.from(type, 'latin1').readUInt32BE(), type]));

/** The boxes that stand one after another in these bytes; a box that is cut short ends the list. */
export function readBoxes(bytes: Buffer): Box[] {
  const boxes: Box[] = [];
  for (let position = 0; position + 8 <= bytes.length;) {
    const stated = bytes.readUInt32BE(position);
    const isLong = stated === 1 && position + 16 <= bytes.length;
    const headerBytes = isLong ? 16 : 8;
    const boxBytes = isLong
      ? Number(bytes.readBigUInt64BE(position + 8))
      : stated === 0
        ? bytes.length - position
        : stated;
    if (boxBytes < headerBytes || position + boxBytes > bytes.length) break;
    boxes.push(
      box(
        bytes.toString('latin1', position + 4, position + 8),
        bytes.subarray(position + headerBytes, position + boxBytes),
      ),
    );
    position += boxBytes;
  }
  return boxes;
}

function box(type: string, data: Buffer): Box {
  const children = () => readBoxes(data);
  return {
    type,
    data,
    children,
    find(...[first, ...rest]) {
      const found = children().find((child) => child.type === first);
      return rest.length === 0 ? found : found?.find(...rest);
    },
  };
}
