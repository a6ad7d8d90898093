/** When is a camera covered? */
import { expect, test } from 'vitest';
import { judge, type View } from '../src/judge.ts';

const limits = { share: 0.4, frames: 3 };

function changes(sizes: readonly number[]): (string | null)[] {
  let view: View | undefined;
  return sizes.map((bytes) => {
    const step = judge(view, bytes, limits);
    view = step.view;
    return step.change;
  });
}

test('three small pictures in a row cover a camera, three large ones uncover it', () => {
  expect(changes([1000, 1000, 100, 100, 100, 100, 900, 900, 900])).toEqual([
    null,
    null,
    null,
    null,
    'covered',
    null,
    null,
    null,
    'uncovered',
  ]);
});

test('a flicker changes nothing', () => {
  expect(changes([1000, 100, 100, 1000, 100, 100, 1000])).toEqual(Array.from({ length: 7 }, () => null));
});

test('dusk changes nothing: what is usual follows', () => {
  const dusk = Array.from({ length: 200 }, (_, index) => 1000 - index * 4);
  expect(new Set(changes(dusk))).toEqual(new Set([null]));
});
