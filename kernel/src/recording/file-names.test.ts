import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  closedFileName,
  isClosedFileName,
  newRunId,
  openFileName,
  parseOpenFileName,
  timeOfClosedFile,
} from './file-names.ts';

describe('names of recordings', () => {
  it('tell open files from closed ones, and read back what was written', () => {
    fc.assert(
      fc.property(fc.nat(5_000_000), fc.integer({ min: 0, max: 4_000_000_000_000 }), (index, ms) => {
        const run = newRunId(ms);
        const open = openFileName(run, index);
        expect(parseOpenFileName(open)).toEqual({ run, index });
        expect(isClosedFileName(open)).toBe(false);
        const closed = closedFileName(ms);
        expect(isClosedFileName(closed)).toBe(true);
        expect(parseOpenFileName(closed)).toBeUndefined();
        expect(timeOfClosedFile(closed)).toBe(Math.floor(ms / 1000) * 1000);
      }),
    );
  });

  it('state UTC', () => {
    expect(closedFileName(Date.UTC(2026, 0, 31, 23, 59, 58, 999))).toBe('20260131_235958.mp4');
    expect(timeOfClosedFile('20261331_000000.mp4')).toBeUndefined();
  });

  it('of two runs in the same millisecond differ', () => {
    expect(newRunId(1)).not.toBe(newRunId(1));
  });
});
