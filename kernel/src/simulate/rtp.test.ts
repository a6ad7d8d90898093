import { expect, test } from 'vitest';
import { farewell, rtpHeader, senderReport } from './rtp.ts';

const sender = {
  ssrc: 0x01020304,
  cname: 'camera',
  wallMs: Date.UTC(2024, 0, 1) + 500,
  timestamp: 0xfffffffe,
  packetCount: 7,
  payloadBytes: 2 ** 32 + 9,
};

/** Packet types of a compound packet; throws when the lengths do not add up to words. */
function packetTypes(compound: Buffer): number[] {
  const types: number[] = [];
  for (
    let position = 0;
    position < compound.length;
    position += 4 + compound.readUInt16BE(position + 2) * 4
  ) {
    types.push(compound.readUInt8(position + 1));
  }
  return types;
}

test('a header holds its fields where RFC 3550 puts them', () => {
  const header = rtpHeader({
    marker: true,
    payloadType: 96,
    sequence: 0xabcd,
    timestamp: 0x11223344,
    ssrc: 0x55667788,
  });
  expect(header.toString('hex')).toBe('80e0abcd1122334455667788');
});

test('a report ties the wall clock to the media clock, and counts modulo 2^32', () => {
  const report = senderReport(sender);
  // 2024-01-01 is 3,913,056,000 s after 1900.
  expect([report.readUInt32BE(8), report.readUInt32BE(12)]).toEqual([3_913_056_000, 2 ** 31]);
  expect([16, 20, 24].map((offset) => report.readUInt32BE(offset))).toEqual([0xfffffffe, 7, 9]);
});

test.each(['', 'a', 'ab', 'abc', 'abcd'])('reports are whole words with the name %j', (cname) => {
  const report = senderReport({ ...sender, cname });
  expect(report.length % 4).toBe(0);
  expect(packetTypes(report)).toEqual([200, 202]);
  expect(packetTypes(farewell({ ...sender, cname }))).toEqual([200, 202, 203]);
});
