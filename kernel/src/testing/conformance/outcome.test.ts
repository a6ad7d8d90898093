import { expect, test } from 'vitest';
import { spread } from './crash-points.ts';
import { differences } from './outcome.ts';

test('outcomes that are the same have no differences; a line too many or too few is told', () => {
  const outcome = { events: ['a', 'a', 'b'], 'table x': ['1'] };
  expect(differences(outcome, { events: ['a', 'a', 'b'], 'table x': ['1'] })).toEqual([]);
  expect(differences(outcome, { events: ['a', 'b', 'b'], 'table x': ['1'] })).toEqual([
    'events: 3 instead of 3, 1 missing\n  missing: a\n  instead: b',
  ]);
  expect(differences(outcome, { events: outcome.events })).toEqual([
    'table x: 0 instead of 1, 1 missing\n  missing: 1',
  ]);
  expect(differences({}, { parked: ['one'] })).toEqual(['parked: 1 instead of 0, 0 missing\n  instead: one']);
});

test('so many of a list are chosen evenly, its ends among them', () => {
  const list = Array.from({ length: 100 }, (_, index) => index);
  expect(spread(list, 4)).toEqual([0, 33, 66, 99]);
  expect(spread(list, 1)).toEqual([0]);
  expect(spread([1, 2], 5)).toEqual([1, 2]);
  expect(spread(list, Number.POSITIVE_INFINITY)).toEqual(list);
});
