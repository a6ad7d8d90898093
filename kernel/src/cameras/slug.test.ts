import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { slugOf } from './slug.ts';

it.each([
  ['Gate A 01', 'gate_a_01'],
  ['Café-Cam #2', 'caf_cam_2'],
  ['  !!!  ', 'camera'],
  ['__a__b__', 'a_b'],
])('makes %j into %j', (text, slug) => {
  expect(slugOf(text)).toBe(slug);
});

it('always gives an id of the documented form, and an id is its own slug', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const slug = slugOf(text);
      expect(slug).toMatch(/^[a-z0-9]+(_[a-z0-9]+)*$/);
      expect(slugOf(slug)).toBe(slug);
    }),
  );
});
