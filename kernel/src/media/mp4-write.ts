/** How MP4 boxes are put together. ISO/IEC 14496-12. */

export function box(type: string, ...parts: readonly Uint8Array[]): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + parts.reduce((sum, { length }) => sum + length, 0), 0);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, ...parts]);
}

/** A box that begins with a version and flags. */
export function fullBox(
  type: string,
  version: number,
  flags: number,
  ...parts: readonly Uint8Array[]
): Buffer {
  return box(type, u32(version * 2 ** 24 + flags), ...parts);
}

export function u16(...values: readonly number[]): Buffer {
  return written(values, 2, (bytes, value, at) => bytes.writeUInt16BE(value, at));
}

export function u32(...values: readonly number[]): Buffer {
  return u32s(values);
}

/** For lists that are too long to be arguments. */
export function u32s(values: readonly number[]): Buffer {
  return written(values, 4, (bytes, value, at) => bytes.writeUInt32BE(value, at));
}

export function i32s(values: readonly number[]): Buffer {
  return written(values, 4, (bytes, value, at) => bytes.writeInt32BE(value, at));
}

/** 64 bits each, signed; whole numbers. */
export function i64(...values: readonly number[]): Buffer {
  return i64s(values);
}

export function i64s(values: readonly number[]): Buffer {
  return written(values, 8, (bytes, value, at) => {
    bytes.writeInt32BE(Math.floor(value / 2 ** 32), at);
    bytes.writeUInt32BE(value >>> 0, at + 4);
  });
}

function written(
  values: readonly number[],
  width: number,
  write: (bytes: Buffer, value: number, at: number) => void,
): Buffer {
  const bytes = Buffer.alloc(values.length * width);
  let at = 0;
  for (const value of values) {
    write(bytes, value, at);
    at += width;
  }
  return bytes;
}

export function text(value: string): Buffer {
  return Buffer.from(value, 'latin1');
}

/** The header of the box that holds the media data; a long one only where it has to be. */
export function mdatHeader(dataBytes: number): Buffer {
  if (dataBytes + 8 < 2 ** 32) return Buffer.concat([u32(dataBytes + 8), text('mdat')]);
  return Buffer.concat([u32(1), text('mdat'), i64(dataBytes + 16)]);
}
