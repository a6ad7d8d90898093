import { describe, expect, test } from 'vitest';
import * as fc from 'fast-check';
import { createBag } from './bag.ts';

describe('a bag', () => {
  test('holds what was added and not removed, in whatever order that happened', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9)), (steps) => {
        const members = Array.from({ length: 10 }, (_, id) => ({ id, before: null, behind: null }));
        const bag = createBag<(typeof members)[number]>();
        const expected = new Set<(typeof members)[number]>();
        for (const step of steps) {
          const member = members[step];
          if (member === undefined) continue;
          if (expected.delete(member)) bag.remove(member);
          else {
            expected.add(member);
            bag.add(member);
          }
        }
        expect(bag.size).toBe(expected.size);
        expect(new Set(bag.all())).toEqual(expected);
      }),
    );
  });
});
