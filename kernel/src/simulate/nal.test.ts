import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { collectParameterSets, splitNalUnits, withParameterSets } from './nal.ts';

const sps = Buffer.from([0x67, 1]);
const pps = Buffer.from([0x68, 2]);
const delimiter = Buffer.from([0x09, 0xf0]);
const slice = Buffer.from([0x65, 3]);
const sets = { vps: [], sps: [sps], pps: [pps] };

test('a sample splits into the units it was joined from, whatever the size of the lengths', () => {
  const nalUnits = fc.array(
    fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  );
  fc.assert(
    fc.property(nalUnits, fc.constantFrom(1, 2, 4), (units, lengthBytes) => {
      const lengthOf = (unit: Buffer) => {
        const length = Buffer.alloc(lengthBytes);
        length.writeUIntBE(unit.length, 0, lengthBytes);
        return length;
      };
      const sample = Buffer.concat(units.flatMap((unit) => [lengthOf(unit), unit]));
      expect(splitNalUnits('h264', sample, lengthBytes)).toEqual(units);
    }),
  );
});

test.each([[[0, 0, 0, 2, 1]], [[0, 0, 0]]])('lengths that do not add up are refused: %j', (bytes) => {
  expect(() => splitNalUnits('h264', Buffer.from(bytes), 4)).toThrow('reaches past the end');
});

test('a key frame without parameter sets gets them behind its delimiter', () => {
  expect(withParameterSets('h264', [delimiter, slice], sets)).toEqual([delimiter, sps, pps, slice]);
  expect(withParameterSets('h264', [slice], sets)).toEqual([sps, pps, slice]);
});

test('a key frame with its own parameter sets stays as it is', () => {
  const own = [sps, pps, slice];
  expect(withParameterSets('h264', own, { ...sets, pps: [Buffer.from([0x68, 9])] })).toEqual(own);
});

test('parameter sets are found among the units of a frame', () => {
  expect(collectParameterSets('h264', [delimiter, sps, pps, slice])).toEqual(sets);
  const h265 = {
    vps: [Buffer.from([0x40, 1])],
    sps: [Buffer.from([0x42, 1])],
    pps: [Buffer.from([0x44, 1])],
  };
  const idr = Buffer.from([0x26, 1]);
  expect(collectParameterSets('h265', [...h265.vps, ...h265.sps, ...h265.pps, idr])).toEqual(h265);
});
