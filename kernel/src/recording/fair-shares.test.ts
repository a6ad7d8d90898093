import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { fairShares, type Claim } from './fair-shares.ts';

const claim = (cameraId: string, sizeBytes: number, quotaBytes: number | null = null): Claim => ({
  cameraId,
  sizeBytes,
  quotaBytes,
});
const shared = (capacity: number, ...claims: Claim[]) => Object.fromEntries(fairShares(capacity, claims));

it('gives equal cameras equal shares, and what one does not need to the others', () => {
  expect(shared(100, claim('a', 80), claim('b', 90))).toEqual({ a: 50, b: 50 });
  expect(shared(100, claim('a', 20), claim('b', 90))).toEqual({ a: 20, b: 80 });
  expect(shared(100, claim('a', 10), claim('b', 20))).toEqual({ a: 10, b: 20 });
});

it('weighs by quota, a camera without one as the mean of the others', () => {
  expect(shared(90, claim('a', 100, 10), claim('b', 100, 20))).toEqual({ a: 30, b: 60 });
  expect(shared(90, claim('a', 100, 10), claim('b', 100, 20), claim('c', 100))).toEqual({
    a: 20,
    b: 40,
    c: 30,
  });
});

it('shares nothing when there is no space', () => {
  expect(shared(-5, claim('a', 100))).toEqual({ a: 0 });
  expect(shared(10)).toEqual({});
});

const claims = fc.uniqueArray(
  fc.record({
    cameraId: fc.stringMatching(/^[a-f]$/),
    sizeBytes: fc.nat(1000),
    quotaBytes: fc.option(fc.nat(500), { nil: null }),
  }),
  { selector: ({ cameraId }) => cameraId, minLength: 1 },
);

it('never gives more than there is or than is needed, and leaves next to nothing while somebody needs it', () => {
  fc.assert(
    fc.property(claims, fc.nat(3000), (all, capacity) => {
      const shares = fairShares(capacity, all);
      const given = all.map(({ cameraId }) => shares.get(cameraId) ?? -1);
      const needed = all.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      const total = given.reduce((sum, share) => sum + share, 0);
      expect(given.every((share, index) => share >= 0 && share <= (all[index]?.sizeBytes ?? 0))).toBe(true);
      expect(total).toBeLessThanOrEqual(capacity);
      // A byte a camera may be lost to rounding.
      expect(total).toBeGreaterThanOrEqual(Math.min(capacity, needed) - all.length);
    }),
  );
});

it('takes nothing from a camera within its part when another one grows', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100), { minLength: 2, maxLength: 6 }), fc.nat(10_000), (sizes, growth) => {
      const capacity = 100 * sizes.length;
      const all = sizes.map((sizeBytes, index) => claim(`c${index}`, sizeBytes));
      const grown = all.map((one, index) =>
        index === 0 ? { ...one, sizeBytes: one.sizeBytes + growth } : one,
      );
      const shares = fairShares(capacity, grown);
      for (const { cameraId, sizeBytes } of all.slice(1)) expect(shares.get(cameraId)).toBe(sizeBytes);
    }),
  );
});
