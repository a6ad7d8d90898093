import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { leasedAmong } from '../store/segment-queries.ts';
import { openTestStore, type TestStore } from '../testing/test-store.ts';
import { createLeases, type Leases } from './leases.ts';

let test: TestStore;
let leases: Leases;
beforeEach(async () => {
  test = await openTestStore({ cameras: ['gate'] });
  leases = createLeases(test);
});
afterEach(() => test.close());

const ids = ['s0', 's1', 's2', 's3'];
async function addSegments(): Promise<void> {
  for (const [index, id] of ids.entries()) {
    const segment = {
      id,
      path: `gate/${id}.mp4`,
      startTime: index * 1000,
      endTime: index * 1000 + 1000,
      codec: null,
      width: null,
      height: null,
      sizeBytes: 10,
    };
    await test.store.write('segments.add', { incarnation: 1, segment, live: null });
  }
}
const leased = () => [...leasedAmong(test.store.read, ids, test.clock.now())].sort();
const prune = async () => {
  const gone = await test.store.write('segments.prune', { ids });
  return gone.map(({ path }) => path.slice('gate/'.length, -'.mp4'.length)).sort();
};
const rows = () => test.sql('SELECT lease_id, segment_id FROM lease_segments') as object[];

describe('a lease', () => {
  it('keeps its segments from being pruned until it is released', async () => {
    await addSegments();
    const lease = await leases.take(['s1', 'unknown', 's2', 's1'], 'clip', 60_000);
    expect(lease.segmentIds).toEqual(['s1', 's2']);
    expect(leased()).toEqual(['s1', 's2']);
    expect(await prune()).toEqual(['s0', 's3']);
    await lease.release();
    await lease.release();
    expect(await prune()).toEqual(['s1', 's2']);
    expect(test.sql('SELECT * FROM leases')).toEqual([]);
  });

  it('of another reader goes on when the first one ends', async () => {
    await addSegments();
    const still = await leases.take(['s1'], 'still', 60_000);
    const session = await leases.take(['s1', 's2'], 'session', 60_000);
    await still.release();
    expect(await prune()).toEqual(['s0', 's3']);
    await session.release();
    expect(await prune()).toEqual(['s1', 's2']);
  });

  it('ends by itself, unless it is renewed in time', async () => {
    await addSegments();
    const lost = await leases.take(['s0'], 'still', 1000);
    const kept = await leases.take(['s1'], 'clip', 1000);
    await test.clock.advance(999);
    expect(await kept.renew()).toBe(true);
    await test.clock.advance(1);
    expect(await lost.renew()).toBe(false);
    expect(leased()).toEqual(['s1']);
    expect(await prune()).toEqual(['s0', 's2', 's3']);
  });

  it('on nothing that exists is not kept', async () => {
    const lease = await leases.take(['unknown'], 'clip', 1000);
    expect(lease.segmentIds).toEqual([]);
    expect(await lease.renew()).toBe(false);
    expect(test.sql('SELECT * FROM leases')).toEqual([]);
  });

  it('of a process that is gone ends at the start, but a session is resumed by its id', async () => {
    await addSegments();
    await leases.take(['s0'], 'clip', 60_000);
    await leases.take(['s1', 's2'], 'session', 60_000, 'pbs_1');
    const next = createLeases(test);
    await next.endForeign();
    expect(leased()).toEqual(['s1', 's2']);
    expect(next.resume('pbs_1', 60_000)?.segmentIds).toEqual(['s1', 's2']);
    expect(next.resume('pbs_2', 60_000)).toBeUndefined();
    const again = await next.take(['s2', 's3'], 'session', 60_000, 'pbs_1');
    expect(again.segmentIds).toEqual(['s2', 's3']);
    expect(await prune()).toEqual(['s0', 's1']);
  });

  it('that has run out is swept, and no other', async () => {
    await addSegments();
    await leases.take(ids, 'clip', 1000);
    await leases.take(['s2'], 'session', 60_000);
    await test.clock.advance(1000);
    await leases.sweep();
    expect(rows()).toHaveLength(1);
    expect(test.sql('SELECT purpose FROM leases')).toEqual([{ purpose: 'session' }]);
  });

  it('protects whatever readers overlap, in any order', async () => {
    await addSegments();
    const step = fc.record({
      take: fc.option(fc.subarray(ids, { minLength: 1 }), { nil: null }),
      end: fc.nat(3),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const open: { ids: readonly string[]; release: () => Promise<void> }[] = [];
        for (const { take, end } of steps) {
          if (take !== null) {
            const lease = await leases.take(take, 'clip', 60_000);
            open.push({ ids: take, release: () => lease.release() });
          } else await open.splice(end, 1)[0]?.release();
          expect(leased()).toEqual([...new Set(open.flatMap((lease) => lease.ids))].sort());
        }
        for (const { release } of open) await release();
      }),
      { numRuns: 15 },
    );
  });
});
