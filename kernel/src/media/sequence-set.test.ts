import { expect, test } from 'vitest';
import { findSequenceSet } from './sequence-set.ts';

const unit = (...bytes: number[]) => Buffer.from([0, 0, 0, bytes.length, ...bytes]);
const delimiter = unit(0x09, 0xf0);
const picture = Buffer.from([0, 0, 0x40, 0, 0x65, 1, 2, 3]);

test('a set in front of a picture is found, and told from another', () => {
  const first = findSequenceSet('h264', Buffer.concat([delimiter, unit(0x67, 1), unit(0x68, 9), picture]));
  const same = findSequenceSet('h264', Buffer.concat([unit(0x67, 1), picture]));
  const other = findSequenceSet('h264', Buffer.concat([unit(0x67, 2), picture]));
  expect(first).toEqual(Buffer.from([0x67, 1]));
  expect(same).toEqual(first);
  expect(other).not.toEqual(first);
  expect(findSequenceSet('hevc', Buffer.concat([unit(0x42, 1, 1), picture]))).not.toBeNull();
});

test('a picture without one, sound, and an unknown codec have none', () => {
  expect(findSequenceSet('h264', picture)).toBeNull();
  expect(findSequenceSet('h264', Buffer.from([0xff, 0xff, 0xff, 0xff, 0x67]))).toBeNull();
  expect(findSequenceSet('h264', Buffer.alloc(0))).toBeNull();
  expect(findSequenceSet('av1', unit(0x67, 1))).toBeNull();
});
