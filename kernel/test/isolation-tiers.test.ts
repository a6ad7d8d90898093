/** Is a plugin the same in every tier? One tape through all three, and each part of the contract in each. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFakeClock } from '../src/testing/fake-clock.ts';
import { inTier, startTier, type TierSite } from './isolation-rig.ts';
import { until } from './until.ts';

const tiers = ['inline', 'worker', 'process'] as const;

/** A folder whose log holds what the plugin will read from its start. */
async function recordTape(): Promise<TierSite> {
  const clock = createFakeClock();
  const site = await startTier([], { clock, cameras: ['gate', 'yard', 'shed'] });
  for (let round = 0; round < 12; round += 1) {
    for (const [index, camera] of ['gate', 'yard', 'shed'].entries())
      await site.ingest(camera, 'luggage', [
        { label: 'bag', track_id: `${round % 5}`, attributes: { weight: round * 7 + index } },
        { label: 'bag', track_id: 'odd', attributes: { weight: `${round}.5` } },
        { label: 'bag', track_id: 'none', attributes: { colour: 'red' } },
      ]);
    await clock.advance(400);
  }
  await site.ingest('gate', 'deeds', [{ label: 'nothing special' }]);
  return site;
}

/** All that the plugin has done, in the order in which it stands there. */
function resultsOf(site: TierSite): Record<string, unknown[]> {
  return {
    seen: site.sql('SELECT * FROM traveller_seen ORDER BY id'),
    notes: site.sql('SELECT * FROM traveller_notes ORDER BY note'),
    events: site.sql(
      `SELECT id, camera_id, event_type, severity, at_ms, payload, source FROM events WHERE source = 'traveller' ORDER BY id`,
    ),
    state: site.sql('SELECT lane, key, value FROM consumer_state ORDER BY lane, key'),
    lanes: site.sql('SELECT lane, seq, tick FROM lanes ORDER BY lane'),
    parked: site.sql('SELECT * FROM parked'),
  };
}

describe('one tape', () => {
  let tape: TierSite;
  beforeAll(async () => {
    tape = await recordTape();
    await tape.kernel.stop();
  });
  afterAll(() => tape[Symbol.asyncDispose]());

  test('gives the same rows, events, ids and state in all three tiers', { timeout: 120_000 }, async () => {
    const results: Record<string, unknown[]>[] = [];
    for (const tier of tiers) {
      const clock = createFakeClock(Date.UTC(2026, 0, 1) + 60_000);
      await using site = await startTier([inTier('traveller', tier)], { from: tape.folder, clock });
      expect(await site.plugin('traveller')).toMatchObject({ state: 'running', isolation: { tier } });
      await site.kernel.quiet();
      await site.kernel.stop();
      results.push(resultsOf(site));
    }
    const [inline, worker, process] = results;
    expect(inline?.['seen']?.length).toBe(72);
    expect(inline?.['events']?.length).toBeGreaterThan(20);
    expect(inline?.['parked']).toEqual([]);
    expect(worker).toEqual(inline);
    expect(process).toEqual(inline);
  });
});

describe.each(tiers)('in the tier %s', (tier) => {
  let site: TierSite;
  beforeAll(async () => {
    site = await startTier([inTier('traveller', tier, { config: { greeting: 'ahoy' } })], {
      cameras: ['gate'],
    });
    await site.ingest('gate', 'luggage', [{ label: 'bag', track_id: '1', attributes: { weight: 60 } }]);
    await site.kernel.quiet();
  });
  afterAll(() => site[Symbol.asyncDispose]());
  const at = (path: string) => `/api/v1/plugins/traveller${path}`;

  test('routes read the database, check what they are sent, and answer what they declare', async () => {
    const [row] = site.sql<{ id: string }>('SELECT id FROM traveller_seen');
    expect(await site.call('GET', at(`/seen/${row?.id}?times=4`))).toMatchObject({
      status: 200,
      body: { cameraId: 'gate', weight: 60, times: 4 },
    });
    expect(await site.call('GET', at('/seen/nobody'))).toMatchObject({
      status: 404,
      body: { error: 'item not found' },
    });
    expect(await site.call('GET', at(`/seen/${row?.id}?times=many`))).toMatchObject({ status: 400 });
    expect(await site.call('GET', at('/bytes'))).toMatchObject({ status: 200, text: '\u0000\u0001\ufffd' });
  });

  test('a change of a route is committed with its record, which the consumer then sees', async () => {
    const told = await site.call('POST', at('/notes'), { camera_id: 'gate', note: 'mind the step' });
    expect(told).toMatchObject({ status: 201, body: { cameras: ['gate'], role: 'admin' } });
    await site.kernel.quiet();
    const notes = site.sql<{ note: string }>('SELECT note FROM traveller_notes').map(({ note }) => note);
    expect(notes).toEqual(expect.arrayContaining(['mind the step', 'ahoy mind the step']));
    expect(notes.filter((note) => note.startsWith('heavy'))).toHaveLength(1);
    expect(await site.call('POST', at('/notes'), { camera_id: 'gate', note: 'x' })).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('note: ') },
    });
    expect(await site.call('POST', at('/notes'), { camera_id: 'gate', note: 7 })).toMatchObject({
      status: 422,
      body: { error: 'note: expected text, got number' },
    });
    expect(await site.call('POST', at('/notes'), { camera_id: 'nowhere', note: 'xyz' })).toMatchObject({
      status: 404,
    });
  });

  test('services, health and cameras of another moment work', async () => {
    expect(await site.call('GET', at('/sum'))).toMatchObject({ status: 200, body: 5 });
    expect(await site.plugin('traveller')).toMatchObject({ health: { ok: true, detail: 'ahoy' } });
    await site.call('POST', '/api/v1/cameras', { id: 'attic', name: 'attic', record_enabled: false });
    const told = await site.call('POST', at('/notes'), { camera_id: 'attic', note: 'dusty' });
    expect(told.body).toMatchObject({ cameras: ['attic', 'gate'] });
  });

  test('its code runs where it should, without the variables of the kernel', async () => {
    const { body } = await site.call('GET', at('/where'));
    const { pid, secrets } = body as { pid: number; secrets: string[] };
    expect(pid === process.pid).toBe(tier !== 'process');
    expect(secrets).toEqual([]);
    const streamed = await site.call('GET', at('/stream'));
    expect(streamed.status).toBe(tier === 'inline' ? 200 : 500);
  });

  test('an error that nobody caught is told and harms nobody', async () => {
    await site.ingest('gate', 'deeds', [{ label: 'stray' }]);
    await until('the fault is told', async () => (await site.plugin('traveller')).faults.count === 1);
    expect((await site.call('GET', at('/sum'))).body).toBe(5);
    expect(site.log.find((line) => String(line['msg']).includes('nobody catches this'))).toMatchObject({
      place: expect.stringMatching(/traveller\/index\.ts:\d+:\d+$/),
    });
  });
});
