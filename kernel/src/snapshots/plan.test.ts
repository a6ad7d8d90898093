import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planSnapshots, type PlannedSchedule } from './plan.ts';

const now = 1_000_000;
const schedule = (id: string, lastFiredAt: number | null, more: Partial<PlannedSchedule> = {}) => ({
  id,
  cameraId: id,
  intervalSeconds: 10,
  lastFiredAt,
  ...more,
});
const plan = (schedules: PlannedSchedule[], more: Partial<Parameters<typeof planSnapshots>[0]> = {}) => {
  const { due, nextInMs } = planSnapshots({
    schedules,
    now,
    busy: new Set(),
    proven: new Set(schedules.map(({ cameraId }) => cameraId)),
    restingUntil: new Map(),
    slots: 4,
    slotsForUnproven: 2,
    ...more,
  });
  return { due: due.map(({ id }) => id), nextInMs };
};

describe('planSnapshots', () => {
  it('takes what never fired or whose interval is over, and says when the next is due', () => {
    const schedules = [schedule('never', null), schedule('over', now - 10_000), schedule('soon', now - 9000)];
    expect(plan(schedules)).toEqual({ due: ['never', 'over'], nextInMs: 1000 });
  });

  it('takes one still of a camera at a time', () => {
    const schedules = [schedule('a', null, { cameraId: 'gate' }), schedule('b', null, { cameraId: 'gate' })];
    expect(plan(schedules).due).toEqual(['a']);
    expect(plan(schedules, { busy: new Set(['gate']) })).toEqual({ due: [], nextInMs: null });
  });

  it('begins no more than there are slots, what is due longest first', () => {
    const schedules = [schedule('b', now - 20_000), schedule('a', now - 30_000), schedule('c', now - 10_000)];
    expect(plan(schedules, { slots: 2 })).toEqual({ due: ['a', 'b'], nextInMs: null });
    expect(plan(schedules, { slots: 0 }).due).toEqual([]);
  });

  it('leaves slots to cameras that work, however many may not', () => {
    const dead = ['d1', 'd2', 'd3', 'd4', 'd5'];
    const schedules = [...dead.map((id) => schedule(id, now - 90_000)), schedule('alive', now - 10_000)];
    const proven = new Set(['alive']);
    expect(plan(schedules, { proven }).due).toEqual(['d1', 'd2', 'alive']);
    expect(plan(schedules, { proven, slotsForUnproven: 0 }).due).toEqual(['alive']);
  });

  it('lets a camera that failed rest until its time', () => {
    const restingUntil = new Map([['gate', now + 5000]]);
    expect(plan([schedule('gate', now - 60_000)], { restingUntil })).toEqual({ due: [], nextInMs: 5000 });
  });

  it('is not held up by a clock that stepped back', () => {
    expect(plan([schedule('gate', now + 3_600_000)]).due).toEqual(['gate']);
  });

  it('never begins more than allowed, never two of a camera, and always says when to look again', () => {
    const some = fc.record({
      id: fc.uuid(),
      cameraId: fc.constantFrom('a', 'b', 'c', 'd'),
      intervalSeconds: fc.integer({ min: 5, max: 86_400 }),
      lastFiredAt: fc.option(fc.integer({ min: 0, max: 2 * now })),
    });
    fc.assert(
      fc.property(
        fc.array(some),
        fc.nat(5),
        fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd')),
        (all, slots, ids) => {
          const facts = {
            schedules: all,
            now,
            busy: new Set(['b']),
            proven: new Set(ids),
            restingUntil: new Map(ids.map((id, index) => [id, now + (index - 1) * 1000])),
            slots,
            slotsForUnproven: 1,
          };
          const { due, nextInMs } = planSnapshots(facts);
          const cameras = due.map(({ cameraId }) => cameraId);
          expect(due.length).toBeLessThanOrEqual(slots);
          expect(new Set(cameras).size).toBe(cameras.length);
          expect(cameras).not.toContain('b');
          expect(cameras.filter((id) => !ids.includes(id as 'a')).length).toBeLessThanOrEqual(1);
          expect(nextInMs ?? 1).toBeGreaterThan(0);
        },
      ),
    );
  });
});
