import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ageLimit,
  planByAge,
  planByFloor,
  planByQuota,
  planBySize,
  type Candidate,
  type Plan,
  type RetentionFacts,
} from './retention-plan.ts';

const hourMs = 3_600_000;
const now = 1000 * hourMs;
const noLimit = Number.MAX_SAFE_INTEGER;

interface GivenCamera {
  /** Sizes of what may go, oldest first. */
  readonly free?: readonly number[];
  /** Bytes that are held. */
  readonly held?: number;
  readonly quota?: number;
  readonly retentionHours?: number;
  /** End of the oldest, hours ago; each next one ends an hour later. */
  readonly oldestHoursAgo?: number;
  /** What the camera has in other roots. */
  readonly elsewhere?: number;
}

function factsOf(cameras: Record<string, GivenCamera>, isOneOfSeveralRoots = false): RetentionFacts {
  const candidates = new Map<string, Candidate[]>();
  for (const [cameraId, { free = [], oldestHoursAgo = free.length }] of Object.entries(cameras))
    candidates.set(
      cameraId,
      free.map((sizeBytes, index) => ({
        id: `${cameraId}${index}`,
        cameraId,
        root: '',
        endTime: now - (oldestHoursAgo - index) * hourMs,
        sizeBytes,
      })),
    );
  return {
    now,
    isOneOfSeveralRoots,
    cameras: Object.entries(cameras).map(([cameraId, given]) => ({
      cameraId,
      sizeBytes: sum(given.free ?? []) + (given.held ?? 0) + (given.elsewhere ?? 0),
      heldBytes: given.held ?? 0,
      quotaBytes: given.quota ?? null,
      retentionHours: given.retentionHours ?? 10_000,
    })),
    oldest: (cameraId) => candidates.get(cameraId) ?? [],
  };
}

const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);
const ids = (plan: Plan) => plan.victims.map(({ id }) => id);
const conditions = (plan: Plan) =>
  plan.standing.map((standing) =>
    'camera' in standing ? `${standing.condition} ${standing.camera.cameraId}` : standing.condition,
  );

describe('by age', () => {
  it('takes what ended before each camera wants it kept, and keeps everything for an hour at least', () => {
    const facts = factsOf({
      a: { free: [1, 1, 1], oldestHoursAgo: 4, retentionHours: 2 },
      b: { free: [1, 1], oldestHoursAgo: 2, retentionHours: 0 },
    });
    expect(ids(planByAge(facts, noLimit))).toEqual(['a0', 'a1', 'b0']);
    expect(ids(planByAge(facts, 2))).toEqual(['a0', 'a1']);
    expect(ageLimit(0, now)).toBe(now - hourMs);
  });
});

describe('by quota', () => {
  it('takes the oldest of the camera that exceeds it, and no one more', () => {
    const facts = factsOf({ a: { free: [10, 10, 10, 10], quota: 25 }, b: { free: [99] } });
    expect(ids(planByQuota(facts, noLimit))).toEqual(['a0', 'a1']);
  });

  it('counts held footage, and keeps the rest when that fills the quota', () => {
    expect(ids(planByQuota(factsOf({ a: { free: [10, 10], held: 15, quota: 25 } }), noLimit))).toEqual([
      'a0',
    ]);
    const filled = planByQuota(factsOf({ a: { free: [10], held: 25, quota: 25 } }), noLimit);
    expect([ids(filled), conditions(filled)]).toEqual([[], ['quota_held a']]);
  });
});

describe('by size', () => {
  it('takes a cap of 0 for none', () => {
    expect(planBySize(factsOf({ a: { free: [10] } }), 0, noLimit).victims).toEqual([]);
  });

  it('takes from the camera furthest over its share, then from the next', () => {
    const facts = factsOf({
      a: { free: [10, 10] },
      b: { free: [10, 10, 10, 10] },
      c: { free: [10, 10, 10] },
    });
    expect(ids(planBySize(facts, 80, noLimit))).toEqual(['b0']);
    expect(ids(planBySize(facts, 60, noLimit))).toEqual(['b0', 'b1', 'c0']);
  });

  it('lets no camera pay for what another one holds', () => {
    const facts = factsOf({ a: { held: 65 }, b: { free: [7, 7, 7, 7, 7] }, c: { free: [10, 10] } });
    const plan = planBySize(facts, 100, noLimit);
    expect([ids(plan), conditions(plan)]).toEqual([[], ['share_held a']]);
  });

  it('takes what a camera has beside its held footage first', () => {
    const facts = factsOf({ a: { held: 60, free: [10, 10] }, b: { free: [40] } });
    const plan = planBySize(facts, 100, noLimit);
    expect([ids(plan), conditions(plan)]).toEqual([['a0', 'a1'], []]);
  });

  it('deletes nothing when held footage alone reaches the cap', () => {
    const plan = planBySize(factsOf({ a: { held: 50, free: [10] }, b: { held: 50 } }), 100, noLimit);
    expect([ids(plan), conditions(plan)]).toEqual([[], ['cap_held']]);
  });
});

describe('by free space', () => {
  const disk = (freeBytes: number) => ({ freeBytes, totalBytes: 1000 });

  it('takes nothing while there is enough, or no floor', () => {
    const facts = factsOf({ a: { free: [10] } });
    expect(planByFloor(facts, disk(50), 50, noLimit).victims).toEqual([]);
    expect(planByFloor(facts, disk(0), 0, noLimit).victims).toEqual([]);
  });

  it('takes what is too old first, then from the camera furthest over its share', () => {
    const facts = factsOf({
      old: { free: [10, 10, 10], oldestHoursAgo: 100, retentionHours: 99 },
      big: { free: [20, 20, 20, 20] },
    });
    expect(ids(planByFloor(facts, disk(0), 5, noLimit))).toEqual(['old0']);
    expect(ids(planByFloor(facts, disk(0), 45, noLimit))).toEqual(['old0', 'big0', 'big1']);
  });

  it('refuses a floor that the disk can not have', () => {
    const plan = planByFloor(factsOf({ a: { free: [10] } }), disk(10), 1000, noLimit);
    expect([ids(plan), conditions(plan)]).toEqual([[], ['floor_unsatisfiable']]);
  });

  it('says when nothing is left to delete', () => {
    const plan = planByFloor(factsOf({ a: { held: 10 } }), disk(10), 100, noLimit);
    expect([ids(plan), conditions(plan)]).toEqual([[], ['share_held a', 'nothing_left']]);
  });

  it('on one of several disks takes from who has footage there, however much others have elsewhere', () => {
    const facts = factsOf({ here: { free: [10, 10] }, there: { free: [1], elsewhere: 5000 } }, true);
    expect(ids(planByFloor(facts, disk(0), 15, noLimit))).toEqual(['there0', 'here0', 'here1']);
  });
});

const camera = fc.record({
  free: fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 8 }),
  held: fc.oneof(fc.constant(0), fc.nat(200)),
  quota: fc.option(fc.integer({ min: 1, max: 300 }), { nil: 0 }),
  retentionHours: fc.integer({ min: 1, max: 12 }),
});
const site = fc.dictionary(fc.stringMatching(/^[a-d]$/), camera, { minKeys: 1 });

describe('every plan', () => {
  it('takes each segment once, the oldest of a camera first', () => {
    fc.assert(
      fc.property(site, fc.nat(400), fc.integer({ min: 1, max: 12 }), (cameras, amount, limit) => {
        const facts = factsOf(cameras);
        const plans = [
          planByAge(facts, limit),
          planByQuota(facts, limit),
          planBySize(facts, amount, limit),
          planByFloor(facts, { freeBytes: 0, totalBytes: 1000 }, amount, limit),
        ];
        for (const { victims, bytes } of plans) {
          expect(victims.length).toBeLessThanOrEqual(limit);
          expect(bytes).toBe(sum(victims.map(({ sizeBytes }) => sizeBytes)));
          for (const id of Object.keys(cameras)) {
            const taken = victims.filter(({ cameraId }) => cameraId === id);
            expect(taken).toEqual([...facts.oldest(id)].slice(0, taken.length));
          }
        }
      }),
    );
  });

  it('stops as soon as it is met: without its last victim it would not be', () => {
    fc.assert(
      fc.property(site, fc.nat(400), (cameras, amount) => {
        const facts = factsOf(cameras);
        const total = sum(facts.cameras.map(({ sizeBytes }) => sizeBytes));
        const size = planBySize(facts, amount, noLimit);
        const floor = planByFloor(facts, { freeBytes: 0, totalBytes: 1000 }, amount, noLimit);
        const beforeLast = ({ victims, bytes }: Plan) => bytes - (victims.at(-1)?.sizeBytes ?? 0);
        expect(size.victims.length === 0 || beforeLast(size) < total - amount).toBe(true);
        expect(floor.victims.length === 0 || beforeLast(floor) < amount).toBe(true);
      }),
    );
  });

  it('meets a cap, unless what is held stands in the way, and leaves each camera its share but for one segment', () => {
    fc.assert(
      fc.property(site, fc.integer({ min: 1, max: 400 }), (cameras, cap) => {
        const facts = factsOf(cameras);
        const total = sum(facts.cameras.map(({ sizeBytes }) => sizeBytes));
        const plan = planBySize(facts, cap, noLimit);
        const isMet = total - plan.bytes <= cap + facts.cameras.length;
        expect(isMet || plan.standing.length > 0).toBe(true);
        const nominal = Math.floor(cap / facts.cameras.length);
        if (facts.cameras.some(({ quotaBytes }) => quotaBytes)) return;
        for (const { cameraId, sizeBytes } of facts.cameras) {
          const taken = plan.victims.filter((victim) => victim.cameraId === cameraId);
          const left = sizeBytes - sum(taken.map((victim) => victim.sizeBytes));
          const last = taken.at(-1)?.sizeBytes ?? 0;
          expect(left + last).toBeGreaterThanOrEqual(Math.min(sizeBytes, nominal));
        }
      }),
    );
  });
});
