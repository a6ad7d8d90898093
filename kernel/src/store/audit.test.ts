import { afterEach, beforeEach, expect, test } from 'vitest';
import { newAudit } from '../audit/new-audit.ts';
import { createLogRetention } from '../detections/retention.ts';
import { openTestStore, type TestStore } from '../testing/test-store.ts';
import { verifyAudit } from './audit-queries.ts';

let site: TestStore;
beforeEach(async () => {
  site = await openTestStore();
});
afterEach(() => site.close());

const dayMs = 86_400_000;
const act = () =>
  newAudit(
    site.clock.now(),
    { id: 'usr_1', name: 'Ada', role: 'admin' },
    {
      action: 'look',
      targetType: 'camera',
      targetId: 'gate',
    },
  );
const verdict = () => verifyAudit(site.store.reader, site.store.keyring.chainKey);

test('is kept as long as events are, and its chain begins behind what was pruned', async () => {
  for (let count = 0; count < 1200; count += 1) await site.store.write('audit.note', act());
  await site.clock.advance(2 * dayMs);
  await site.store.write('audit.note', act());
  const retention = createLogRetention({
    store: site.store,
    now: () => site.clock.now(),
    detectionHours: 1,
    eventDays: 1,
    deletedCameras: () => [],
    usedBytes: () => 0,
  });
  expect(verdict()).toMatchObject({ ok: true, rows: 1201 });
  await retention.run(new AbortController().signal);
  expect(verdict()).toMatchObject({ ok: true, rows: 1, end: { seq: 1201 } });
  expect(site.sql(`SELECT seq FROM audit_ends WHERE name = 'start'`)).toEqual([{ seq: 1200 }]);
  await site.clock.advance(2 * dayMs);
  await retention.run(new AbortController().signal);
  await site.store.write('audit.note', act());
  expect(verdict()).toMatchObject({ ok: true, rows: 1, end: { seq: 1202 } });
});

test('a change that is undone takes its row along', async () => {
  const twice = { id: 'key_1', name: 'x', role: 'viewer', grants: null, cameras: null } as const;
  const key = {
    ...twice,
    active: true,
    expiresAt: null,
    keyPrefix: 'vok_',
    keyHash: 'h',
    createdBy: 'usr_1',
  };
  await site.store.write('keys.create', key, act());
  await expect(site.store.write('keys.create', key, act())).rejects.toThrow('UNIQUE');
  expect(await site.store.write('user-sessions.end', { tokenHash: 'none' }, act())).toBe(false);
  expect(verdict()).toMatchObject({ ok: true, rows: 1 });
});
