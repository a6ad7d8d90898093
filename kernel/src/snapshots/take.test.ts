import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Frame } from '../media/frame-ring.ts';
import { noMediaTools } from '../media/tools.ts';
import { readCamera } from '../store/camera-queries.ts';
import { openTestStore, type TestStore } from '../testing/test-store.ts';
import { takeOf } from './take.ts';

let test: TestStore;
beforeEach(async () => {
  test = await openTestStore({ cameras: ['gate'] });
});
afterEach(() => test.close());

/** Of a camera without a URL, so that nothing but frames can give a still. */
async function take(frames: { readonly [profile in 'main' | 'sub']?: number }) {
  const { store, clock } = test;
  const camera = readCamera(store.read, 'gate');
  if (camera === undefined) throw new Error('no camera');
  const newest = (_: string, profile: 'main' | 'sub'): Frame | undefined => {
    const ageMs = frames[profile];
    return ageMs === undefined ? undefined : { capturedAt: clock.now() - ageMs, jpeg: Buffer.from(profile) };
  };
  const options = { store, frames: { newest }, tools: noMediaTools, clock, marker: 'test' };
  const { takenAt, jpeg } = await takeOf(options, camera, AbortSignal.any([]));
  return { ageMs: clock.now() - takenAt, from: jpeg.toString() };
}

it('takes the frame that a sampler has just decoded, the main stream first, and tells when it was', async () => {
  expect(await take({ main: 100, sub: 50 })).toEqual({ ageMs: 100, from: 'main' });
  expect(await take({ main: 9000, sub: 3000 })).toEqual({ ageMs: 3000, from: 'sub' });
});

it('asks the stream when frames are old, and says when there is none', async () => {
  await expect(take({ main: 3001 })).rejects.toMatchObject({ code: 'bad_request' });
  await expect(take({})).rejects.toThrow("the camera 'gate' has no stream URL");
});
