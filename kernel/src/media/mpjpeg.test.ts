import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMpjpegReader } from './mpjpeg.ts';

const part = (picture: Uint8Array) =>
  Buffer.concat([
    Buffer.from(`--ffmpeg\r\nContent-type: image/jpeg\r\nContent-length: ${picture.length}\r\n\r\n`),
    picture,
    Buffer.from('\r\n'),
  ]);

describe('the reader of mpjpeg', () => {
  it('gives the pictures back whole, however the stream is cut', () => {
    const pictures = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 8 });
    fc.assert(
      fc.property(pictures, fc.array(fc.integer({ min: 1, max: 97 }), { minLength: 1 }), (sent, cuts) => {
        const stream = Buffer.concat(sent.map(part));
        const reader = createMpjpegReader();
        const got: Buffer[] = [];
        for (let position = 0, turn = 0; position < stream.length; turn += 1) {
          const end = position + (cuts[turn % cuts.length] ?? 1);
          got.push(...reader.push(stream.subarray(position, end)));
          position = end;
        }
        expect(got.map((picture) => [...picture])).toEqual(sent.map((picture) => [...picture]));
      }),
    );
  });

  it('refuses what is no part, states no length, or is too large', () => {
    expect(() => createMpjpegReader().push(Buffer.alloc(2000, 'x'))).toThrow(RangeError);
    expect(() => createMpjpegReader().push(Buffer.from('--ffmpeg\r\nContent-type: x\r\n\r\n'))).toThrow(
      /length/,
    );
    expect(() => createMpjpegReader(10).push(part(Buffer.alloc(11)))).toThrow(/11 bytes/);
  });
});
