/** Does an abort end a worker at once, whatever it is waiting for? */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Analyser, Frame } from '../src/worker/index.ts';
import { Eyes, EVENTS, startHarness, TASKS } from './worker-harness.ts';
import type { Harness } from './worker-harness.ts';
import { FRAME_PATH, wireTask } from './worker-peer.ts';
import type { Fault } from './worker-peer.ts';

let on: Harness;

beforeEach(async () => {
  on = await startHarness(1);
});

afterEach(() => on.end());

const hangs = () => new Promise<never>(() => {});
const untilAborted = ({ signal }: Frame) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
  });
const idle = { analyse: () => ({ detections: [] }) };

interface Wait {
  readonly tasks?: readonly unknown[];
  readonly fault?: readonly [string, Fault];
  readonly analyser?: Analyser | typeof hangs;
  readonly reached: () => boolean;
  readonly withinMs?: number;
}

/** The analysis' own time limit tells that an analyser was called: once to open it, then for each frame. */
const analyserCalls = () => on.clock.waitsMs.filter((ms) => ms === 30_000).length;
const pauses = () => on.clock.waitsMs.some((ms) => ms > 4000 && ms <= 5000);

const waits: readonly [string, Wait][] = [
  ['between two discoveries', { tasks: [], reached: () => on.clock.waitsMs.includes(10_000) }],
  [
    'while discovery is not answered',
    { fault: [TASKS, 'hang'], reached: () => on.peer.seen(TASKS).length > 0 },
  ],
  ['between two frames', { analyser: idle, reached: pauses }],
  [
    'while a frame is not answered',
    { fault: [FRAME_PATH, 'hang'], reached: () => on.peer.seen(FRAME_PATH).length > 0 },
  ],
  [
    'while a post is not answered',
    { fault: [EVENTS, 'hang'], reached: () => on.peer.seen(EVENTS).length > 0 },
  ],
  [
    'before a retry',
    {
      fault: [EVENTS, { status: 503, headers: { 'retry-after': '60' } }],
      reached: () => on.clock.waitsMs.includes(60_000),
    },
  ],
  ['while an analyser opens', { analyser: hangs, reached: () => analyserCalls() === 1 }],
  [
    'during an analysis that minds the signal',
    { analyser: { analyse: untilAborted }, reached: () => analyserCalls() === 2 },
  ],
  [
    'during an analysis that does not, after a short grace',
    { analyser: { analyse: hangs }, reached: () => analyserCalls() === 2, withinMs: 3500 },
  ],
  [
    'while an analyser does not close, after a short grace',
    { analyser: { ...idle, close: hangs }, reached: pauses, withinMs: 3500 },
  ],
];

describe('a worker told to stop', () => {
  it.each(waits)('ends %s', async (_, { tasks, fault, analyser, reached, withinMs = 1000 }) => {
    on.peer.tasks = [...(tasks ?? [wireTask('ai_1', { fps: 0.2 })])];
    on.peer.show('t1');
    if (fault) on.peer.faults.set(fault[0], [fault[1]]);
    const factory = typeof analyser === 'function' ? analyser : () => analyser ?? new Eyes();
    const end = on.run({ analysers: { people: factory }, discoverEveryMs: 10_000 });
    await on.peer.until(reached, 'the wait reached');
    const abortedMs = performance.now();
    on.stop.abort();
    await end;
    expect(performance.now() - abortedMs).toBeLessThan(withinMs);
  });

  it('closes an analyser that was opened too late for it', async () => {
    on.peer.tasks = [wireTask('ai_1')];
    const eyes = new Eyes();
    const opening = Promise.withResolvers<Analyser>();
    const end = on.run({ analysers: { people: () => opening.promise } });
    await on.peer.until(() => analyserCalls() === 1, 'the analyser opening');
    on.stop.abort();
    await end;
    opening.resolve(eyes);
    await expect.poll(() => eyes.closed).toBe(1);
  });

  it('does not begin when the signal is aborted already', async () => {
    on.stop.abort();
    await on.runWith(new Eyes());
    expect(on.peer.requests).toEqual([]);
  });
});
