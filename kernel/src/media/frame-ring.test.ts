import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFrameRing } from './frame-ring.ts';

const jpeg = (sizeBytes = 10) => Buffer.alloc(sizeBytes);

describe('the ring of frames', () => {
  it('finds a frame by its time, and the newest', () => {
    const ring = createFrameRing();
    const first = ring.push(jpeg(), 1000);
    const second = ring.push(jpeg(), 2000);
    expect(ring.at(1000, 2000)).toBe(first);
    expect(ring.at(1500, 2000)).toBeUndefined();
    expect(ring.newest(2000)).toBe(second);
  });

  it('gives two pictures of one millisecond different times', () => {
    const ring = createFrameRing();
    const times = [5, 5, 4, 5].map((now) => ring.push(jpeg(), now).capturedAt);
    expect(times).toEqual([5, 6, 7, 8]);
  });

  it('drops what is older than 30 s, also when nothing new comes', () => {
    const ring = createFrameRing();
    ring.push(jpeg(), 0);
    expect(ring.newest(30_000)).toBeDefined();
    expect(ring.newest(30_001)).toBeUndefined();
    expect(ring.sizeBytes).toBe(0);
  });

  it('stays within its bytes but never drops the newest', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 150 }), { minLength: 1 }), (sizes) => {
        const ring = createFrameRing({ maxBytes: 100 });
        for (const [index, size] of sizes.entries()) ring.push(jpeg(size), index);
        const last = sizes.at(-1) ?? 0;
        expect(ring.sizeBytes).toBeLessThanOrEqual(Math.max(100, last));
        expect(ring.newest(sizes.length)?.jpeg.length).toBe(last);
      }),
    );
  });
});
