import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planSamplers, type SamplingTask } from './sampler-plan.ts';

const task = (cameraId: string, fps: number, more: Partial<SamplingTask> = {}): SamplingTask => ({
  cameraId,
  streamProfile: 'sub',
  fps,
  width: 640,
  ...more,
});
const grants = (tasks: readonly SamplingTask[], budget: number) =>
  planSamplers(tasks, budget).map(({ cameraId, profile, fps }) => [`${cameraId}/${profile}`, fps]);

describe('planSamplers', () => {
  it('merges the tasks of a camera and profile to the highest rate and width', () => {
    const tasks = [task('a', 2, { width: 1280 }), task('a', 5), task('a', 1, { streamProfile: 'main' })];
    expect(planSamplers(tasks, 40)).toEqual([
      { cameraId: 'a', profile: 'main', fps: 1, width: 640 },
      { cameraId: 'a', profile: 'sub', fps: 5, width: 1280 },
    ]);
  });

  it('gives to the hungry what others leave', () => {
    expect(grants([task('a', 2), task('b', 30), task('c', 30)], 40)).toEqual([
      ['a/sub', 2],
      ['b/sub', 19],
      ['c/sub', 19],
    ]);
  });

  it('grants no more than asked, also below half a picture a second', () => {
    expect(grants([task('a', 0.1), task('b', 5)], 40)).toEqual([
      ['a/sub', 0.1],
      ['b/sub', 5],
    ]);
  });

  it('leaves the last ones out when the budget can not give everybody half a picture', () => {
    const tasks = Array.from({ length: 100 }, (_, index) => task(`c${String(index).padStart(3, '0')}`, 5));
    const plan = planSamplers(tasks, 40);
    expect(plan.filter(({ fps }) => fps === 0.5)).toHaveLength(80);
    expect(plan.slice(80).every(({ fps }) => fps === 0)).toBe(true);
  });

  it('stays within the budget, above nobody’s wish, and leaves nothing that somebody wants', () => {
    const tasks = fc.array(
      fc.record({
        cameraId: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
        streamProfile: fc.constantFrom('main' as const, 'sub' as const),
        fps: fc.double({ min: 0.1, max: 30, noNaN: true }),
        width: fc.integer({ min: 160, max: 3840 }),
      }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(tasks, fc.double({ min: 0, max: 60, noNaN: true }), (list, maxTotal) => {
        const plan = planSamplers(list, maxTotal);
        const budget = Math.max(1, maxTotal);
        const total = plan.reduce((sum, { fps }) => sum + fps, 0);
        expect(total).toBeLessThanOrEqual(budget + 1e-6);
        let isSomebodyCut = false;
        for (const { cameraId, profile, fps } of plan) {
          const asked = Math.max(
            ...list.filter((t) => t.cameraId === cameraId && t.streamProfile === profile).map((t) => t.fps),
          );
          expect(fps).toBeLessThanOrEqual(asked + 1e-9);
          expect(fps === 0 || fps >= Math.min(asked, 0.5) - 0.001).toBe(true);
          if (fps > 0 && asked - fps > 0.001) isSomebodyCut = true;
        }
        expect(!isSomebodyCut || total > budget - 0.001 * plan.length - 1e-6).toBe(true);
      }),
    );
  });
});
