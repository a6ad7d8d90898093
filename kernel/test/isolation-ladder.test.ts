/** What becomes of a plugin that takes too much while it runs? The kernel acts step by step, says why, and loses nothing. */
import { expect, test } from 'vitest';
import { openQuarantine } from '../src/plugins/quarantine.ts';
import { inTier, startTier } from './isolation-rig.ts';
import { until } from './until.ts';

test(
  'a plugin that holds the event loop is warned, slowed down, and moved to a thread of its own, where it does the rest of its work',
  { timeout: 120_000 },
  async () => {
    await using site = await startTier([inTier('traveller', 'inline', { budgets: { blockMs: 100 } })], {
      cameras: ['gate'],
      variables: { HELDAR_BUDGETS_ENABLED: 'true', HELDAR_BUDGET_WINDOW_S: '1' },
    });
    const batches = 30;
    for (let count = 0; count < batches; count += 1)
      await site.ingest('gate', 'deeds', [{ label: 'hold on' }]);
    const view = () => site.plugin('traveller');
    await until('it runs on a thread', async () => (await view()).isolation.tier === 'worker', 60_000);
    await until(
      'its work is done',
      async () => {
        await site.kernel.quiet();
        const [row] = site.sql<{ value: string }>(`SELECT value FROM consumer_state WHERE key = 'deeds'`);
        return row?.value === String(batches);
      },
      60_000,
    );
    const events = site.sql<{ event_type: string; payload: string; severity: string }>(
      `SELECT event_type, payload, severity FROM events WHERE source = 'kernel' AND event_type LIKE 'plugin_%' ORDER BY seq`,
    );
    expect(events.map(({ event_type }) => event_type).slice(0, 3)).toEqual([
      'plugin_budget_warned',
      'plugin_shed',
      'plugin_isolated',
    ]);
    expect(JSON.parse(events[2]?.payload ?? '')).toMatchObject({
      plugin: 'traveller',
      tier: 'inline',
      to: 'worker',
      reason: expect.stringMatching(
        /held the event loop for \d+ (?:ms each|% of the time), of at most (?:100 ms|75 %), within \d+ s/,
      ),
      limit: expect.any(Number),
      measured: expect.any(Number),
      window_ms: expect.any(Number),
    });
    const { budget } = await view();
    expect(budget.use).toContainEqual({ measure: 'blockMs', measured: expect.any(Number), limit: 100 });
    expect(budget.last_step).not.toBeNull();
    const metrics = await site.call('GET', '/metrics');
    expect(metrics.text).toContain('heldar_plugin_tier{plugin="traveller",tier="worker"} 1');
    expect(site.sql('SELECT * FROM parked')).toEqual([]);
  },
);

test(
  'a plugin whose process ends again and again is stopped, stays out, and keeps its place in the log',
  { timeout: 120_000 },
  async () => {
    await using site = await startTier(
      [
        inTier('steady', 'inline'),
        inTier('traveller', 'process', { budgets: { restarts: 0.5, errorPercent: 0 } }),
      ],
      {
        cameras: ['gate', 'yard', 'shed', 'barn'],
        variables: { HELDAR_BUDGETS_ENABLED: 'true', HELDAR_BUDGET_WINDOW_S: '1' },
      },
    );
    for (const camera of ['gate', 'yard', 'shed', 'barn'])
      for (let count = 0; count < 4; count += 1) await site.ingest(camera, 'deeds', [{ label: 'exit' }]);
    await until(
      'it is stopped',
      async () => (await site.plugin('traveller')).state === 'quarantined',
      90_000,
    );
    expect(await site.plugin('traveller')).toMatchObject({
      error: {
        reason: expect.stringMatching(
          /^it was stopped: its isolate ended \d+ times, of at most 0.5, within \d+ s$/,
        ),
        next: 'mend it, or raise its budget, then: heldar quarantine release traveller, and heldar plugin enable traveller',
      },
    });
    expect(
      site.sql(`SELECT severity FROM events WHERE event_type = 'plugin_quarantined' AND source = 'kernel'`),
    ).toEqual([{ severity: 'critical' }]);
    const enable = () => site.call('POST', '/api/v1/admin/plugins/traveller/enable');
    expect(await enable()).toMatchObject({ status: 409 });
    expect((await site.plugin('traveller')).state).toBe('quarantined');
    expect(openQuarantine(site.folder).release('traveller')).toBe(true);
    expect(await enable()).toMatchObject({ status: 200 });
    await site.ingest('gate', 'people', [], 'later');
    await until(
      'the other plugin goes on',
      () => site.sql(`SELECT 1 FROM steady_seen WHERE frame_id = 'later'`).length === 1,
    );
  },
);
