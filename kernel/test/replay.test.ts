/** Does the same log give the same results, to the byte, and does a changed plugin show exactly what changes? */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { differenceOf } from '../src/replay/difference.ts';
import { timeOfId } from '../src/replay/id-time.ts';
import { importTape } from '../src/replay/import-tape.ts';
import { logOf, recentLogOf } from '../src/replay/log-source.ts';
import { openTape, sourceOf } from '../src/replay/read-tape.ts';
import { replayPlugin, type ReplayRun } from '../src/replay/replay-plugin.ts';
import { reportReplay } from '../src/replay/report.ts';
import type { Subject } from '../src/replay/subject.ts';
import { writeTape } from '../src/replay/write-tape.ts';
import { createCamera, startRig, type KernelRig } from './kernel-rig.ts';
import {
  createZone,
  ingestPeople,
  recordedOf,
  recordWanderers,
  subjectIn,
  tallyConfig,
  zonesConfig,
} from './recorded-site.ts';
import { until } from './until.ts';

const cameras = ['gate', 'yard', 'hall', 'dock'];
/** Ten thousand batches of four cameras: a zone is edited midway, a camera deleted and created anew, and the end is left to ticks. */
let site: KernelRig;

beforeAll(async () => {
  site = await startRig({ cameras, config: zonesConfig });
  for (const camera of cameras) await createZone(site, camera);
  const edited = await createZone(site, 'gate', 0);
  await recordWanderers(site, cameras, 0, 1000);
  await site.call('PATCH', `/api/v1/zones/${edited}`, { dwell_seconds: 1, severity: 'critical' });
  await site.clock.advance(3000);
  await recordWanderers(site, cameras, 1000, 1800);
  await site.call('DELETE', '/api/v1/cameras/dock');
  await site.clock.advance(1000);
  await createCamera(site, 'dock');
  await createZone(site, 'dock');
  await recordWanderers(site, cameras, 1800, 2500);
  await site.clock.advance(40_000);
  await site.kernel.quiet();
}, 120_000);

afterAll(async () => {
  await site[Symbol.asyncDispose]();
});

test('a log of ten thousand batches gives what production recorded, twice the same to the byte, also from a tape', async () => {
  const subject = await subjectIn(site, zonesConfig, 'zones');
  using recorded = recordedOf(site);
  using run = await replayPlugin({ ...subject, source: logOf(recorded), recorded });
  expect(run.counts.batches).toBe(10_000);
  const difference = differenceOf(recorded.resultsOf('zones'), run.results);
  const nothing = { renumbered: 0, missing: [], extra: [], changed: [] };
  const [table, zones] = difference.tables;
  expect(zones).toMatchObject({ name: 'zones_zones', ...nothing });
  expect(table).toMatchObject({ name: 'zones_events', ...nothing });
  expect(difference).toMatchObject({ same: true, events: nothing });
  // Of the camera that was deleted the events stay in the journal, the rows do not.
  expect(difference.events.same).toBeGreaterThan(table?.same ?? 0);
  expect(table?.same).toBeGreaterThan(1000);

  const file = join(site.folder, 'all.jsonl.zst');
  await writeTape(recorded, { file, from: null, to: null, cameras: null });
  using again = await replayPlugin({ ...subject, source: sourceOf(await openTape(file)), recorded });
  expect(again.fingerprint()).toBe(run.fingerprint());
});

test('an imported tape is the same log', async () => {
  using recorded = recordedOf(site);
  const file = join(site.folder, 'imported.jsonl.gz');
  await writeTape(recorded, { file, from: null, to: null, cameras: null });
  const into = { dataDir: join(site.folder, 'other'), databaseFile: join(site.folder, 'other', 'heldar.db') };
  expect((await importTape(await openTape(file), into)).batches).toBe(10_000);
  const rows = (database: string) => {
    using db = opened(database);
    return ['SELECT * FROM log', 'SELECT * FROM log_labels', 'SELECT * FROM camera_incarnations'].map(
      (text) => db.db.prepare(text).all(),
    );
  };
  expect(rows(into.databaseFile)).toEqual(rows(join(site.folder, 'heldar.db')));
  await expect(openTape(file).then((tape) => importTape(tape, into))).rejects.toThrow(
    /in use already \(its table log is not empty\); next: import into a new one/,
  );
});

test('a plugin that was changed shows what changes and nothing else, in a range what changes there', async () => {
  const subject = await subjectIn(site, zonesConfig, 'zones');
  using recorded = recordedOf(site);
  const [dwells] = site.sql<{ n: number; quiet: number }>(
    `SELECT count(*) AS n, sum(severity <> 'critical') AS quiet FROM events WHERE event_type = 'zone_dwell'`,
  );
  const louder = await reportReplay({
    subject: changed(subject, (emit, type, payload, options) =>
      emit(type, payload, type === 'zone_dwell' ? { ...options, severity: 'critical' } : options),
    ),
    source: null,
    recorded,
  });
  expect(louder.difference).toMatchObject({ same: false, events: { renumbered: 0, missing: [], extra: [] } });
  expect(louder.difference?.events.changed).toHaveLength(dwells?.quiet ?? 0);
  for (const { before, after } of louder.difference?.events.changed ?? [])
    expect({ ...before, severity: 'critical' }).toEqual(after);

  using silent = await replayPlugin({ ...withoutDwells(subject), source: logOf(recorded), recorded });
  const { events } = differenceOf(recorded.resultsOf('zones'), silent.results);
  expect(events.missing).toHaveLength(dwells?.n ?? 0);
  expect(new Set(events.missing.map(({ type }) => type))).toEqual(new Set(['zone_dwell']));
  // The ids of what the same call emitted behind it count on from there.
  expect(events).toMatchObject({ extra: [], changed: [] });
  expect(events.renumbered).toBeGreaterThan(0);

  const [middle] = site.sql<{ at: number }>(
    `SELECT at_ms AS at FROM events WHERE event_type = 'zone_dwell' ORDER BY seq LIMIT 1 OFFSET 50`,
  );
  const range = { from: middle?.at ?? 0, to: (middle?.at ?? 0) + 5000 };
  const inside = differenceOf(recorded.resultsOf('zones'), silent.results, range).events.missing;
  const isInside = ({ id }: { id: string }) =>
    (timeOfId(id) ?? 0) >= range.from && (timeOfId(id) ?? 0) <= range.to;
  expect(inside.length).toBeGreaterThan(0);
  expect(inside).toEqual(events.missing.filter(isInside));
});

test('two versions are compared over the newest part of a log', async () => {
  const subject = await subjectIn(site, zonesConfig, 'zones');
  using recorded = recordedOf(site);
  const source = recentLogOf(recorded, 70_000);
  using before = await replayPlugin({ ...subject, source, tablesFrom: recorded });
  expect(before.counts.batches).toBeGreaterThan(1000);
  using after = await replayPlugin({ ...withoutDwells(subject), source, tablesFrom: recorded });
  const { events } = differenceOf(before.results, after.results);
  expect(new Set(events.missing.map(({ type }) => type))).toEqual(new Set(['zone_dwell']));
  expect(events).toMatchObject({ extra: [], changed: [] });
});

/** A lane may be within the pause before its next try, which a clock that stands still would never end. */
async function quietAsTimePasses(rig: KernelRig): Promise<void> {
  let isQuiet = false;
  const quiet = rig.kernel.quiet().then(() => (isQuiet = true));
  await until('nothing goes on', async () => {
    await rig.clock.advance(100);
    return isQuiet;
  });
  await quiet;
}

test('lanes over all cameras, reads, ticks and what fails end as in production', async () => {
  await using rig = await startRig({ config: tallyConfig() });
  await rig.call('POST', '/api/v1/plugins/tally/names', { label: 'person', name: 'Person' });
  for (let index = 0; index < 40; index += 1) {
    const labels = ['person', index % 3 === 0 ? 'twice' : 'dog', ...(index % 20 === 7 ? ['poison'] : [])];
    await ingestPeople(rig, index % 2 === 0 ? 'gate' : 'yard', ...labels);
    await rig.clock.advance(700);
  }
  // Two hold poison; of 'twice' the tenth is refused, and so are the three behind it, which count to ten again.
  await until('what fails is parked', async () => {
    await rig.clock.advance(10_000);
    return rig.sql<{ n: number }>('SELECT count(*) AS n FROM parked')[0]?.n === 6;
  });
  await quietAsTimePasses(rig);
  await rig.clock.advance(30_000);
  await quietAsTimePasses(rig);
  const subject = await subjectIn(rig, tallyConfig(), 'tally');
  using recorded = recordedOf(rig);
  using run = await replayPlugin({ ...subject, source: logOf(recorded), recorded });
  expect(workOf(run)).toEqual(workOf({ results: recorded.resultsOf('tally') }));
  const summaries = [...run.results.events()].filter(({ type }) => type === 'tally.summary');
  expect(summaries.filter(({ payload }) => payload.includes('"first":"person"')).length).toBeGreaterThan(2);
  expect(run.results.parked().map(({ error }) => error)).toContain("poison can't be counted");
  const difference = differenceOf(recorded.resultsOf('tally'), run.results);
  expect(difference).toMatchObject({ same: true });
  expect(difference.tables.map(({ name, same }) => [name, same])).toEqual([
    ['tally_lines', 40],
    ['tally_marks', rig.sql('SELECT 1 FROM tally_marks').length],
    ['tally_names', 2],
  ]);
  expect(run.copied).toEqual(['tally_names']);
});

test('a consumer that production has never run goes over all of the log, and what it makes is extra', async () => {
  await using rig = await startRig();
  for (let index = 0; index < 20; index += 1) await ingestPeople(rig, 'gate', 'person');
  const subject = await subjectIn(rig, tallyConfig(), 'tally');
  using recorded = recordedOf(rig);
  const report = await reportReplay({ subject, source: null, recorded });
  expect(report.events).toEqual({ 'tally.reached': 2 });
  expect(report.difference?.events.extra).toHaveLength(2);
  expect(report.notes).toContain(
    `production has never run the consumer 'totals': all that came of it is extra`,
  );
});

test('a table that consumers begin to make rows in starts empty, though it was filled from production at first', async () => {
  await using rig = await startRig({ config: tallyConfig({ every: 1000 }) });
  await ingestPeople(rig, 'gate', 'person');
  await rig.kernel.quiet();
  await rig.stop();
  const db = new Database(join(rig.folder, 'heldar.db'));
  db.prepare(`INSERT INTO tally_marks VALUES ('foreign', 'person', 1, 0)`).run();
  db.close();
  const subject = await subjectIn(rig, tallyConfig({ every: 1 }), 'tally');
  using recorded = recordedOf(rig);
  const { difference } = await reportReplay({ subject, source: null, recorded });
  const marks = difference?.tables.find(({ name }) => name === 'tally_marks');
  expect(marks).toMatchObject({ missing: [{ id: 'foreign' }], extra: [{ label: 'person', count: 1 }] });
});

type Emit = (type: string, payload: unknown, options?: object) => string;

/** The same plugin, but what its consumers emit goes through `alter`. */
function changed(
  subject: Subject,
  alter: (emit: Emit, type: string, payload: unknown, options?: object) => string,
): Subject {
  const { definition } = subject;
  const altered = (fx: { emit: Emit }) => ({
    ...fx,
    emit: (type: string, payload: unknown, options?: object) => alter(fx.emit, type, payload, options),
  });
  const setup: typeof definition.setup = async (ctx) => {
    const contributions = await definition.setup(ctx);
    const consumers = (contributions.consumers ?? []).map((consumer) => {
      const { consume, tick } = consumer;
      return {
        ...consumer,
        consume: (batch: never, fx: never) => consume(batch, altered(fx) as never),
        ...(tick === undefined
          ? {}
          : { tick: { ...tick, run: (fx: never) => tick.run(altered(fx) as never) } }),
      };
    });
    return { ...contributions, consumers };
  };
  return { ...subject, definition: { ...definition, setup } };
}

function withoutDwells(subject: Subject): Subject {
  return changed(subject, (emit, type, payload, options) =>
    type === 'zone_dwell' ? '' : emit(type, payload, options),
  );
}

function workOf({ results }: Pick<ReplayRun, 'results'>): unknown[] {
  return results.parked().map(({ consumer, lane, kind, at, error }) => ({ consumer, lane, kind, at, error }));
}

function opened(file: string): Disposable & { readonly db: Database.Database } {
  const db = new Database(file, { readonly: true });
  return { db, [Symbol.dispose]: () => void db.close() };
}
