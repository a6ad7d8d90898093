/** Are numbers written as other programs read them? */
import { expect, test } from 'vitest';
import { box, i32s, i64, mdatHeader, u16, u32 } from './mp4-write.ts';

test('a box states its size and type', () => {
  expect(box('free', Buffer.from('ab'), Buffer.from('c'))).toEqual(
    Buffer.from('\0\0\0\u000bfreeabc', 'latin1'),
  );
});

test('numbers are big-endian, those of 64 bits signed and beyond 32 bits', () => {
  expect(u16(0x102, 3).toString('hex')).toBe('01020003');
  expect(u32(0xfffffffe).toString('hex')).toBe('fffffffe');
  expect(i32s([-2]).toString('hex')).toBe('fffffffe');
  const values = [0, 1, -1, -5_000_000_000, 5_000_000_000, 2 ** 52 + 1];
  const bytes = i64(...values);
  expect(values.map((_, index) => Number(bytes.readBigInt64BE(index * 8)))).toEqual(values);
});

test('media data beyond 4 GiB gets a long header', () => {
  expect(mdatHeader(100).toString('hex')).toBe('0000006c6d646174');
  const long = mdatHeader(5_000_000_000);
  expect([long.readUInt32BE(0), long.toString('latin1', 4, 8), Number(long.readBigUInt64BE(8))]).toEqual([
    1,
    'mdat',
    5_000_000_016,
  ]);
});
