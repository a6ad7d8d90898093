/** Does every batch find exactly the consumers that want its task type? */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createInterest } from './interest.ts';

const types = ['people', 'anpr', 'ppe', '', '__proto__'] as const;
const wanted = fc.option(fc.uniqueArray(fc.constantFrom(...types)), { nil: null });
const change = fc.oneof(
  fc.record({ op: fc.constant('add' as const), id: fc.integer({ min: 1, max: 4 }), types: wanted }),
  fc.record({ op: fc.constant('remove' as const), id: fc.integer({ min: 1, max: 4 }) }),
);

test('whatever was added and removed, a type finds those that name it or take all', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
      const interest = createInterest<{ id: number }>();
      const model = new Map<number, { entry: { id: number }; types: readonly string[] | null }>();
      for (const step of changes) {
        const known = model.get(step.id);
        if (step.op === 'remove') {
          interest.remove(step.id, known?.entry ?? { id: step.id });
          model.delete(step.id);
        } else {
          const entry = { id: step.id };
          interest.add(step.id, step.types === null ? null : new Set(step.types), entry);
          model.set(step.id, { entry, types: step.types });
        }
        for (const type of types) {
          const expected = [...model.values()].filter(
            (one) => one.types === null || one.types.includes(type),
          );
          expect(new Set(interest.of(type))).toEqual(new Set(expected.map(({ entry }) => entry)));
        }
        expect([...interest.all()]).toHaveLength(model.size);
        expect(interest.find(step.id)).toBe(model.get(step.id)?.entry);
      }
    }),
  );
});

test('an older generation that goes late does not take the newer one with it', () => {
  const interest = createInterest<string>();
  interest.add(1, null, 'old');
  interest.add(1, null, 'new');
  interest.remove(1, 'old');
  expect(interest.of('people')).toEqual(['new']);
});

test('task types without end are told right, kept or not', () => {
  const interest = createInterest<string>();
  interest.add(1, new Set(['type 5', 'type 4999']), 'one');
  const found = Array.from({ length: 5000 }, (_, index) => interest.of(`type ${index}`).length);
  expect(found.map((length, index) => (length === 1 ? index : -1)).filter((index) => index >= 0)).toEqual([
    5, 4999,
  ]);
  interest.add(2, new Set(['type 6']), 'two');
  expect(interest.of('type 6')).toEqual(['two']);
});
