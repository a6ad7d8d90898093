import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MediaTrack } from './media-track.ts';
import { buildTimeline, nextKeyFrame, scheduledAt } from './timeline.ts';

function trackOf(frames: number, secondsPerFrame: number, keyFrameEvery: number): MediaTrack {
  const samples = Array.from({ length: frames }, (_, index) => ({
    offset: index,
    sizeBytes: 1,
    decodeSeconds: index * secondsPerFrame,
    presentationSeconds: (index + 2) * secondsPerFrame,
    isKeyFrame: index % keyFrameEvery === 0,
  }));
  const parameterSets = { vps: [], sps: [], pps: [] };
  const durationSeconds = frames * secondsPerFrame;
  return {
    id: 1,
    codec: 'h264',
    clockRate: 90_000,
    nalLengthBytes: 4,
    parameterSets,
    samples,
    durationSeconds,
  };
}

test('frames are one frame apart at any index, also where the file begins anew, after years', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.integer({ min: 1, max: 60 }),
      fc.nat(1e9),
      (frames, rate, index) => {
        const timeline = buildTimeline([trackOf(frames, 1 / rate, frames)]);
        const [here, next] = [scheduledAt(timeline, index), scheduledAt(timeline, index + 1)];
        expect(next.dueSeconds - here.dueSeconds).toBeCloseTo(1 / rate, 5);
        expect(next.presentationSeconds - here.presentationSeconds).toBeCloseTo(1 / rate, 5);
      },
    ),
  );
});

test('the next key frame is the one at the index, or the first behind it, in the next pass if need be', () => {
  const track = trackOf(10, 0.1, 4);
  const timeline = buildTimeline([track]);
  const dueAt = (index: number) => nextKeyFrame(timeline, index, track).dueSeconds;
  expect(dueAt(0)).toBe(0);
  expect(dueAt(1)).toBeCloseTo(0.4);
  expect(dueAt(8)).toBeCloseTo(0.8);
  expect(dueAt(9)).toBeCloseTo(1);
});
