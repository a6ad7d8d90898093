import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { createFakeClock, type FakeClock } from '../testing/fake-clock.ts';
import { Broadcast, type LiveFrame } from './broadcast.ts';
import { openMediaFile } from './media-file.ts';

const street = fileURLToPath(new URL('../../../examples/media/street.mp4', import.meta.url));
const log = pino({ level: 'silent' });
/** Of the footage: 10 frames a second, a key frame each second, one minute. */
const frameMs = 100;

interface Running {
  readonly clock: FakeClock;
  readonly broadcast: Broadcast;
  readonly frames: LiveFrame[];
  /** Lets time pass without a timer noticing. */
  readonly sleep: (ms: number) => void;
}

async function running(): Promise<Running> {
  const clock = createFakeClock();
  let sleptMs = 0;
  const media = await openMediaFile(street, log);
  const broadcast = new Broadcast(media, { ...clock, monotonic: () => clock.monotonic() + sleptMs }, log);
  const ending = new AbortController();
  const frames: LiveFrame[] = [];
  broadcast.subscribe((frame) => frame !== null && frames.push(frame));
  const run = broadcast.run(ending.signal);
  onTestFinished(async () => {
    ending.abort();
    await run;
    await media.close();
  });
  await expect.poll(() => frames.length).toBe(1);
  return { clock, broadcast, frames, sleep: (ms) => (sleptMs += ms) };
}

test('frames come when they are due, and late ones are caught up with', async () => {
  const { clock, broadcast, frames } = await running();
  await clock.advance(frameMs - 1);
  expect(frames).toHaveLength(1);
  await clock.advance(1);
  await expect.poll(() => frames.length).toBe(2);
  await clock.advance(5 * frameMs);
  await expect.poll(() => frames.length).toBe(7);
  expect(frames.map(({ presentationSeconds }) => Math.round(presentationSeconds * 10))).toEqual([
    0, 1, 2, 3, 4, 5, 6,
  ]);
  expect(broadcast.nowSeconds()).toBeCloseTo(0.6);
});

test('a camera that was asleep for an hour goes on where it was', async () => {
  const { clock, broadcast, frames, sleep } = await running();
  sleep(3_600_000);
  await clock.advance(frameMs);
  // The frame that was waited for, and the one that shows how late it is.
  await expect.poll(() => frames.length).toBe(3);
  expect(broadcast.nowSeconds()).toBeCloseTo(0.2);
  await clock.advance(frameMs);
  await expect.poll(() => frames.length).toBe(4);
  expect(frames.at(-1)?.presentationSeconds).toBeCloseTo(0.3);
});

test('each subscriber can tell its first key frame in advance', async () => {
  const { clock, broadcast, frames } = await running();
  const [track] = new Set(frames.map((frame) => frame.track));
  if (track === undefined) throw new Error('there is no track');
  const upcoming = broadcast.upcomingKeyFrame(track);
  expect(upcoming.presentationSeconds).toBeCloseTo(1);
  const late: LiveFrame[] = [];
  const unsubscribe = broadcast.subscribe((frame) => frame !== null && late.push(frame));
  for (let count = 2; late.every((frame) => !frame.isKeyFrame); count += 1) {
    await clock.advance(frameMs);
    await expect.poll(() => frames.length).toBe(count);
  }
  expect(late.at(-1)?.presentationSeconds).toBe(upcoming.presentationSeconds);
  unsubscribe();
  await clock.advance(frameMs);
  await expect.poll(() => frames.length).toBe(12);
  expect(late).toHaveLength(10);
});
