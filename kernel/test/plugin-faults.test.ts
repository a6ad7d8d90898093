/** Does a plugin that misbehaves while it runs leave ingest, the store and every other plugin alone? */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fixturePlugin, startSite, type Site } from './site-rig.ts';
import { until } from './until.ts';

const composition = `export default { plugins: ['${fixturePlugin('steady')}', '${fixturePlugin('faulty')}'] };`;

let site: Site;
beforeAll(async () => {
  site = await startSite({ 'heldar.config.ts': composition });
});
afterAll(() => site[Symbol.asyncDispose]());

async function setMode(mode: string): Promise<void> {
  const { status } = await site.call('PUT', '/api/v1/plugins/faulty/mode', { mode });
  if (status !== 204) throw new Error(`mode ${mode}: ${status}`);
}

async function faultyConsumer() {
  const found = (await site.plugins()).find(({ name }) => name === 'faulty')?.consumers[0];
  if (found === undefined) throw new Error('the consumer is gone');
  return found;
}

let frames = 0;
const nextFrame = () => `frame-${(frames += 1)}`;

interface Sample {
  /** From the request to its answer, ms. */
  readonly ingestMs: number;
  /** From the answer until the other consumer's effect can be read, ms. */
  readonly lagMs: number;
}

async function takeSample(): Promise<Sample> {
  const frame = nextFrame();
  const asked = performance.now();
  await site.ingest('gate', frame);
  const answered = performance.now();
  while (site.sql('SELECT 1 FROM steady_seen WHERE frame_id = ?', frame).length === 0) {
    if (performance.now() - answered > 10_000) throw new Error(`no effect for ${frame} within 10 s`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { ingestMs: answered - asked, lagMs: performance.now() - answered };
}

async function takeSamples(into: Sample[]): Promise<void> {
  for (let count = 0; count < 12; count += 1) into.push(await takeSample());
}

/** Short stretches without and with the fault take turns, so that both see the same machine. Answers what the consumer failed with. */
async function alternate(
  mode: string,
  fails: boolean,
  without: Sample[],
  during: Sample[],
): Promise<string | null> {
  let error: string | null = null;
  for (let stretch = 0; stretch < 6; stretch += 1) {
    await takeSamples(without);
    await setMode(mode);
    await site.ingest('gate', nextFrame());
    await takeSamples(during);
    if (fails)
      error = await until('the fault shows', async () => (await faultyConsumer()).failing?.error ?? null);
    await setMode('well');
    await until('the faulty consumer has caught up', async () => {
      const { failing, lag_records } = await faultyConsumer();
      error ??= failing?.error ?? null;
      return failing === null && lag_records === 0;
    });
  }
  return error;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Below these, ms, a difference is the machine's. */
const floors = [
  { share: 0.5, floorMs: 5 },
  { share: 0.99, floorMs: 25 },
];

/** By how much each figure exceeds twice its baseline: at most 1 is fine. */
function excesses(without: readonly Sample[], during: readonly Sample[]): Record<string, number> {
  const told: Record<string, number> = {};
  for (const figure of ['ingestMs', 'lagMs'] as const)
    for (const { share, floorMs } of floors) {
      const [baseline = 0, seen = 0] = [without, during].map((all) =>
        quantile(
          all.map((one) => one[figure]),
          share,
        ),
      );
      told[`${figure} at ${share}`] = seen / Math.max(2 * baseline, floorMs);
    }
  return told;
}

test.for([
  ['throw', 'the consumer throws'],
  ['reject', 'the consumer rejects'],
  ['hang', 'faulty.misbehaves did not finish within 250 ms'],
  ['slow', null],
  ['undeclared event', `faulty emits 'shouted', which its manifest does not declare; add it to 'emits'`],
  [
    'wrong payload',
    `faulty: payload of event 'noted', text: Invalid input: expected string, received number`,
  ],
  [
    'insert or rollback',
    'faulty: it would end the transaction it runs in (ROLLBACK as conflict handling); use ABORT',
  ],
  ['begin', 'faulty: only INSERT, UPDATE, DELETE and REPLACE can be effects: begin'],
  ['commit', 'faulty: only INSERT, UPDATE, DELETE and REPLACE can be effects: commit'],
  ['rollback to', 'faulty: only INSERT, UPDATE, DELETE and REPLACE can be effects: rollback to unit'],
  ['pragma', 'faulty: only INSERT, UPDATE, DELETE and REPLACE can be effects: pragma defer_foreign_keys'],
  ['schema', 'faulty: only INSERT, UPDATE, DELETE and REPLACE can be effects: drop table faulty_seen'],
  ['other owner', 'faulty: it writes steady_seen, which is not of faulty: delete from steady_seen'],
  ['the kernel', 'faulty: it writes log, which is not of faulty: delete from log'],
  ['the ledger', 'faulty: it writes schema_migrations, which is not of faulty'],
  ['two at once', 'faulty: the statement does not compile'],
  ['nonsense', 'faulty: the statement does not compile (no such table: nowhere): delete from nowhere'],
] as const)(
  'while a consumer misbehaves (%s), ingest and the other consumer take at most twice their time',
  { timeout: 120_000 },
  async ([mode, reason]) => {
    const without: Sample[] = [];
    const during: Sample[] = [];
    // More samples outweigh what else the machine does; a fault that slows others down stays visible in all of them.
    let found: Record<string, number> = {};
    for (let run = 0; run < 12; run += 1) {
      const error = await alternate(mode, reason !== null, without, during);
      expect(error ?? 'nothing').toContain(reason ?? 'nothing');
      found = excesses(without, during);
      if (Object.values(found).every((excess) => excess <= 1)) break;
    }
    for (const [figure, excess] of Object.entries(found)) expect.soft(excess, figure).toBeLessThanOrEqual(1);
  },
);

test('a failure is logged with plugin, consumer, reason and the line of the plugin’s code', async () => {
  const line = site.log.find(({ reason }) => reason === 'the consumer throws');
  expect(line).toMatchObject({
    level: 'warn',
    plugin: 'faulty',
    consumer: 'misbehaves',
    msg: 'a consumer failed; it will be tried again',
  });
  expect(line?.['place']).toMatch(/fixtures\/plugins\/faulty\/index\.ts:\d+:\d+$/);
});

test('a batch that fails for good is parked, the lane goes on, and a retry gives it its effect', async () => {
  await setMode('throw');
  const frame = nextFrame();
  await site.ingest('yard', frame);
  await until('the batch is parked', async () => (await faultyConsumer()).parked === 1);
  await setMode('well');
  await site.ingest('yard', nextFrame());
  await site.kernel.quiet();
  const [batch] = site.sql<{ seq: number }>('SELECT seq FROM log WHERE frame_id = ?', frame);
  const seen = () => site.sql('SELECT 1 FROM faulty_seen WHERE seq = ?', batch?.seq).length;
  expect(seen()).toBe(0);
  const { body } = await site.call('GET', '/api/v1/parked');
  const [item] = body as { id: string }[];
  expect(item).toMatchObject({
    plugin: 'faulty',
    consumer: 'misbehaves',
    kind: 'record',
    seq: batch?.seq,
    error: 'the consumer throws',
    attempts: 5,
  });
  expect(await site.call('POST', `/api/v1/parked/${item?.id}/retry`)).toMatchObject({ status: 202 });
  await until('its effect is there', () => seen() === 1);
  expect((await site.call('GET', '/api/v1/parked')).body).toEqual([]);
});

test('a route that throws answers 500 without its text and leaves the others alone', async () => {
  expect(await site.call('GET', '/api/v1/plugins/faulty/throws')).toEqual({
    status: 500,
    body: { error: 'internal error' },
  });
  expect(await site.call('GET', '/api/v1/plugins/steady/count')).toMatchObject({ status: 200 });
});

test('after all of it nothing is lost: every batch has its row in both plugins, and the cursors stand at the end', async () => {
  await setMode('well');
  await site.kernel.quiet();
  const batches = site.sql<{ seq: number }>(`SELECT seq FROM log WHERE kind = 'batch' ORDER BY seq`);
  expect(batches).toHaveLength(frames);
  for (const table of ['steady_seen', 'faulty_seen'])
    expect(site.sql(`SELECT seq FROM ${table} ORDER BY seq`)).toEqual(batches);
  expect(site.sql('SELECT * FROM parked')).toEqual([]);
  await until('the cursors stand at the end of their lanes', () => {
    const behind = site.sql(
      `SELECT c.plugin, l.lane, l.seq FROM lanes l JOIN consumers c ON c.id = l.consumer_id
       WHERE c.kind = 'consumer' AND l.seq <> (SELECT max(seq) FROM log WHERE incarnation = l.lane)`,
    );
    return behind.length === 0;
  });
  expect(site.sql('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  expect(site.sql('PRAGMA foreign_key_check')).toEqual([]);
});
