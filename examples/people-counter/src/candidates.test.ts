import { describe, expect, it } from 'vitest';
import type { Box } from './box.ts';
import { pickPeople } from './candidates.ts';

const ASPECT = 4 / 3;

function pick(...boxes: [Box, number][]) {
  return pickPeople(
    boxes.map(([box, confidence]) => ({ box, confidence })),
    ASPECT,
  ).map(({ confidence }) => confidence);
}

describe('a proposed box', () => {
  const person: Box = [0.4, 0.3, 0.05, 0.18];

  it('is a person when it is upright and believable', () => {
    expect(pick([person, 0.6])).toEqual([0.6]);
    expect(pick([person, 0.27])).toEqual([]);
    expect(pick([[0.4, 0.3, 0.05, 0.09], 0.6])).toEqual([]);
    expect(pick([[0.4, 0.3, 0, 0.18], 0.6])).toEqual([]);
  });

  it('is judged by its shape in pixels, not in parts of the picture', () => {
    const square = [[0.4, 0.3, 0.1, 0.1 * ASPECT], 0.6] as const;
    expect(pick([square[0], square[1]])).toEqual([]);
    const upright: Box = [0.4, 0.3, 0.1, 0.15];
    expect(pickPeople([{ box: upright, confidence: 0.6 }], 1)).toHaveLength(1);
    expect(pickPeople([{ box: upright, confidence: 0.6 }], ASPECT)).toHaveLength(0);
  });

  it('is left out when a surer one shows the same person or the whole of it', () => {
    expect(pick([person, 0.5], [[0.402, 0.305, 0.05, 0.18], 0.7])).toEqual([0.7]);
    expect(pick([person, 0.7], [[0.41, 0.4, 0.03, 0.08], 0.5])).toEqual([0.7]);
  });

  it('beside another person stays', () => {
    expect(pick([person, 0.7], [[0.44, 0.3, 0.05, 0.18], 0.6])).toEqual([0.7, 0.6]);
  });

  it('is cut to the picture', () => {
    const [found] = pickPeople([{ box: [-0.01, 0.85, 0.06, 0.2], confidence: 0.6 }], ASPECT);
    const expected = [0, 0.85, 0.05, 0.15];
    expect(found?.box).toHaveLength(4);
    for (const [index, value] of expected.entries()) expect(found?.box[index]).toBeCloseTo(value, 9);
  });
});
