import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { nalHeaderBytes, type VideoCodec } from './nal.ts';
import { packetizeAccessUnit } from './packetize.ts';

const fragmentTypes = { h264: 28, h265: 49 };

function typeOf(codec: VideoCodec, header: number): number {
  return codec === 'h264' ? header & 0x1f : (header >> 1) & 0x3f;
}

/** Puts the payloads of one access unit together again, as RFC 6184 and RFC 7798 tell a receiver to. */
function depacketize(codec: VideoCodec, payloads: readonly Buffer[]): Buffer[] {
  const nalUnits: Buffer[] = [];
  let fragments: Buffer[] = [];
  for (const payload of payloads) {
    const isFragment = typeOf(codec, payload.readUInt8(0)) === fragmentTypes[codec];
    const edges = isFragment ? payload.readUInt8(nalHeaderBytes[codec]) & 0xc0 : 0xc0;
    const begins = (edges & 0x80) !== 0;
    if (begins !== (fragments.length === 0)) throw new Error('a first or a last fragment is missing');
    if (begins) fragments = [isFragment ? restoreHeader(codec, payload) : payload];
    if (isFragment) fragments.push(payload.subarray(nalHeaderBytes[codec] + 1));
    if ((edges & 0x40) === 0) continue;
    nalUnits.push(Buffer.concat(fragments));
    fragments = [];
  }
  if (fragments.length > 0) throw new Error('the last fragment is missing');
  return nalUnits;
}

function restoreHeader(codec: VideoCodec, payload: Buffer): Buffer {
  if (codec === 'h264') return Buffer.from([(payload.readUInt8(0) & 0xe0) | (payload.readUInt8(1) & 0x1f)]);
  const first = (payload.readUInt8(0) & 0x81) | ((payload.readUInt8(2) & 0x3f) << 1);
  return Buffer.from([first, payload.readUInt8(1)]);
}

/** NAL units of types that no packet type of the RTP formats uses. */
function nalUnitsOf(codec: VideoCodec): fc.Arbitrary<Buffer[]> {
  const header =
    codec === 'h264'
      ? fc
          .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 23 }))
          .map(([nri, type]) => [(nri << 5) | type])
      : fc
          .tuple(
            fc.integer({ min: 0, max: 1 }),
            fc.integer({ min: 0, max: 40 }),
            fc.integer({ min: 1, max: 255 }),
          )
          .map(([layer, type, rest]) => [(type << 1) | layer, rest]);
  const nalUnit = fc
    .tuple(header, fc.uint8Array({ maxLength: 5000, size: 'max' }))
    .map(([head, body]) => Buffer.concat([Buffer.from(head), body]));
  return fc.array(nalUnit, { maxLength: 8 });
}

test.each(['h264', 'h265'] as const)(
  '%s access units survive the way through packets of any size',
  (codec) => {
    fc.assert(
      fc.property(nalUnitsOf(codec), fc.integer({ min: 4, max: 1500 }), (nalUnits, maxPayloadBytes) => {
        const payloads = packetizeAccessUnit(codec, nalUnits, maxPayloadBytes);
        expect(payloads.every((payload) => payload.length > 0 && payload.length <= maxPayloadBytes)).toBe(
          true,
        );
        expect(depacketize(codec, payloads)).toEqual(nalUnits);
      }),
    );
  },
);

test('a unit that fits is sent as it is, one byte more is cut in two', () => {
  const whole = Buffer.alloc(100, 0x41);
  expect(packetizeAccessUnit('h264', [whole], 100)).toEqual([whole]);
  const [first, second, ...others] = packetizeAccessUnit('h264', [whole], 99);
  expect(first?.subarray(0, 2)).toEqual(Buffer.from([0x5c, 0x81]));
  expect(second?.subarray(0, 2)).toEqual(Buffer.from([0x5c, 0x41]));
  expect(others).toEqual([]);
});
