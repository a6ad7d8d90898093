import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestStore, type TestStore } from '../testing/test-store.ts';
import { journalBefore, listTriggers, triggeringEvents } from './trigger-queries.ts';

let test: TestStore;
let ids = 0;
beforeEach(async () => {
  test = await openTestStore();
});
afterEach(() => test.close());

const append = (type: string, cameraId: string | null, atMs: number, source = 'zones') =>
  test.store.write('events.append', [
    {
      id: `id-${(ids += 1)}`,
      cameraId,
      siteId: null,
      type,
      severity: 'info',
      atMs,
      payload: '{}',
      source,
    },
  ]);

describe('events that are triggers', () => {
  it('are those of plugins about zones, one a camera', async () => {
    const now = test.clock.now();
    await append('zone_enter', 'gate', now - 900);
    await append('zone_exit', 'gate', now - 100);
    await append('zone_dwell', 'yard', now - 50);
    await append('zone_enter', 'yard', now - 999, 'worker');
    await append('recording_gap', 'yard', now - 999, 'kernel');
    await append('zone_enter', null, now);
    const found = triggeringEvents(test.store.read, 0, 100).sort((a, b) =>
      a.cameraId < b.cameraId ? -1 : 1,
    );
    expect(found).toEqual([
      { cameraId: 'gate', firstAt: now - 900, committedAt: now },
      { cameraId: 'yard', firstAt: now - 50, committedAt: now },
    ]);
    expect(triggeringEvents(test.store.read, 2, 100)).toHaveLength(1);
    expect(triggeringEvents(test.store.read, 0, 1)).toHaveLength(1);
  });

  it('are looked for behind what happened before a time', async () => {
    expect(journalBefore(test.store.read, 0, 10)).toBe(0);
    const now = test.clock.now();
    await append('zone_enter', 'gate', now - 5000);
    await append('zone_enter', 'gate', now - 1000);
    await append('zone_enter', 'gate', now);
    expect(journalBefore(test.store.read, now - 2000, 10)).toBe(1);
    expect(journalBefore(test.store.read, now - 9000, 2)).toBe(1);
    expect(journalBefore(test.store.read, now + 1, 10)).toBe(3);
  });
});

it('a trigger is kept, one a camera, as long as the camera lives', async () => {
  const set = (firedAt: number, until: number, incarnation = 1) =>
    test.store.write('triggers.set', { incarnation, firedAt, until });
  expect(await set(1, 2)).toBe(true);
  expect(await set(3, 4)).toBe(true);
  expect(await set(3, 4, 99)).toBe(false);
  expect(listTriggers(test.store.read)).toEqual([{ incarnation: 1, firedAt: 3, until: 4 }]);
});
