import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { createSegmentListReader } from './segment-list.ts';

it('reads the lines ffmpeg writes, however they arrive', () => {
  const text = 'w1_000000.mp4,0.000000,4.700000\nw1_000001.mp4,4.700000,8.700000\nw1_000002.mp4,8.7,9';
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), (cuts) => {
      const reader = createSegmentListReader();
      const read = [];
      for (let position = 0, turn = 0; position < text.length; turn += 1) {
        const end = position + (cuts[turn % cuts.length] ?? 1);
        read.push(...reader.push(text.slice(position, end)));
        position = end;
      }
      expect(read).toEqual([
        { file: 'w1_000000.mp4', endSeconds: 4.7 },
        { file: 'w1_000001.mp4', endSeconds: 8.7 },
      ]);
    }),
  );
});

it('passes over what is no line of the list', () => {
  expect(createSegmentListReader().push('nonsense\n../a.mp4,0,1\n,0,1\nx.mp4,0,one\n')).toEqual([]);
});
