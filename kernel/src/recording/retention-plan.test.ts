import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ageLimit, excessOver, missingToFloor, planByAge, planBySize } from './retention-plan.ts';

const candidates = (sizes: readonly number[]) =>
  sizes.map((sizeBytes, index) => ({ id: `s${index}`, cameraId: 'a', endTime: index * 1000, sizeBytes }));

describe('planBySize', () => {
  it('takes the oldest, and no one more than the limit asks for', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 100 })), fc.nat(3000), (sizes, excess) => {
        const { ids, bytes } = planBySize(candidates(sizes), excess);
        expect(ids).toEqual(
          candidates(sizes)
            .slice(0, ids.length)
            .map(({ id }) => id),
        );
        const total = sizes.reduce((sum, size) => sum + size, 0);
        expect(bytes >= excess || bytes === total).toBe(true);
        const lastSize = sizes[ids.length - 1] ?? 0;
        expect(ids.length === 0 || bytes - lastSize < excess).toBe(true);
      }),
    );
  });
});

it('takes by age what ended before the limit, and keeps everything for an hour at least', () => {
  expect(planByAge(candidates([1, 1, 1, 1]), 2000)).toEqual(['s0', 's1']);
  expect(ageLimit(24, 100_000_000)).toBe(13_600_000);
  expect(ageLimit(0, 10_000_000)).toBe(6_400_000);
});

it('takes a limit of 0 or null for none', () => {
  expect([excessOver(10, 0), excessOver(10, null), excessOver(10, 4), excessOver(3, 4)]).toEqual([
    0, 0, 6, 0,
  ]);
});

it('refuses a floor that the disk can not satisfy', () => {
  expect(missingToFloor({ freeBytes: 10, totalBytes: 100 }, 30)).toBe(20);
  expect(missingToFloor({ freeBytes: 50, totalBytes: 100 }, 30)).toBe(0);
  expect(missingToFloor({ freeBytes: 10, totalBytes: 100 }, 100)).toBe('unsatisfiable');
  expect(missingToFloor({ freeBytes: 10, totalBytes: 100 }, 0)).toBe(0);
});
