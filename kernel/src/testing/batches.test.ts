import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { batch, track } from './batches.ts';

const place = fc.tuple(
  fc.double({ min: 0.2, max: 0.8, noNaN: true }),
  fc.double({ min: 0.2, max: 0.8, noNaN: true }),
);

test('a track goes from one place to the other, a frame at a time, each with an id of its own', () => {
  fc.assert(
    fc.property(place, place, fc.integer({ min: 2, max: 30 }), (from, to, frames) => {
      const walk = track({ camera: 'gate', from, to, frames, everyMs: 40, size: [0.1, 0.2] });
      const centres = walk.map(({ detections }) => {
        const [x, y, w, h] = detections[0]?.bbox ?? [0, 0, 0, 0];
        return [x + w / 2, y + h / 2];
      });
      expect(centres[0]?.[0]).toBeCloseTo(from[0]);
      expect(centres.at(-1)?.[1]).toBeCloseTo(to[1]);
      expect(new Set(walk.map(({ frameId }) => frameId)).size).toBe(frames);
      expect(walk.every(({ afterMs }) => afterMs === 40)).toBe(true);
    }),
  );
});

test('a batch says what it is told, and the usual for the rest', () => {
  expect(batch('gate', { frameId: 'f1' })).toEqual({
    camera: 'gate',
    taskType: 'detection',
    detections: [],
    frameId: 'f1',
  });
  expect(track({ camera: 'gate', frames: 1 })).toHaveLength(1);
});
