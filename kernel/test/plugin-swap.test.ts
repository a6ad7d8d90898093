/** Does a plugin that is changed while it works lose nothing, double nothing and refuse nobody, and does a bad change leave what ran? */
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { folderWith, type TemporaryFolder } from './folder-with.ts';
import { startHeldar, type RunningHeldar } from './heldar-command.ts';
import { nothingWrong, readColumns, readTally, startLoad, tallyPlugin, tallySite } from './swap-load.ts';
import { until } from './until.ts';

async function addCameras(heldar: RunningHeldar): Promise<void> {
  for (const id of ['gate', 'yard'])
    expect(
      (await heldar.call('POST', '/api/v1/cameras', { id, name: id, record_enabled: false })).status,
    ).toBe(201);
}

function writeVersion(folder: TemporaryFolder, version: number): void {
  writeFileSync(folder.file('tally/version.ts'), `export const version = ${version};\n`);
}

const reload = (heldar: RunningHeldar) => heldar.call('POST', '/api/v1/admin/plugins/tally/reload');
const version = async (heldar: RunningHeldar) =>
  ((await heldar.call('GET', '/api/v1/plugins/tally/version')).body as { version?: number }).version;

async function caughtUp(heldar: RunningHeldar): Promise<void> {
  await until('all consumers have caught up', async () => {
    const { body } = await heldar.call('GET', '/api/v1/plugins');
    const [tally] = body as { consumers: { lag_records: number }[]; handlers: unknown[] }[];
    return tally?.consumers.every(({ lag_records }) => lag_records === 0) === true;
  });
}

test(
  '50 swaps under load: no batch is lost or doubled, every request is answered, each version served',
  { timeout: 120_000 },
  async () => {
    using folder = folderWith(tallySite);
    await using heldar = await startHeldar(folder.path);
    await addCameras(heldar);
    const load = startLoad({
      origin: () => heldar.origin,
      cameras: ['gate', 'yard'],
      senders: 8,
      askers: 4,
      askEveryMs: 20,
    });
    const tally = () => readTally(folder.file('data/heldar.db'));
    await until('the first version has batches', () => tally().versions === 1);
    for (let swap = 1; swap <= 50; swap += 1) {
      writeVersion(folder, swap);
      expect(await reload(heldar)).toMatchObject({ status: 200, body: { plugin: 'tally', did: 'swapped' } });
      expect(await version(heldar)).toBe(swap);
      await until('the new version has batches', () => tally().versions === swap + 1);
    }
    await load.stop();
    await caughtUp(heldar);
    expect(load.failures).toEqual([]);
    expect(load.asked).toBeGreaterThan(50);
    await until('every event is handled', () => tally().handled === tally().expectedEvents);
    expect(tally()).toMatchObject({
      ...nothingWrong,
      batches: load.sent,
      events: tally().expectedEvents,
      versions: 51,
    });
    expect((await heldar.call('GET', '/api/v1/plugins')).body).toMatchObject([
      { generation: 51, refused_change: null },
    ]);
    expect(await heldar.stop()).toBe(0);
  },
);

test('a change that does not load, or is not healthy, is refused with its place, and what ran serves on', async () => {
  using folder = folderWith(tallySite);
  await using heldar = await startHeldar(folder.path);
  await addCameras(heldar);
  const index = folder.file('tally/index.ts');
  const bad: [string, string, RegExp][] = [
    [`${tallyPlugin(1)}\nconst = 3;\n`, 'import', /./],
    [`${tallyPlugin(1)}\nthrow new Error('no licence');\n`, 'import', /no licence/],
    [
      tallyPlugin(1).replace(`name: 'tally'`, `name: 'other'`),
      'import',
      /the code says 'other', its package.json 'tally'/,
    ],
    [
      tallyPlugin(1).replace(
        'setup: ({ db }) => ({',
        `setup: ({ db }) => ({ health: () => ({ ok: false, detail: 'no licence' }),`,
      ),
      'health',
      /no licence/,
    ],
    [
      tallyPlugin(1)
        .replace('setup: ({ db }) => ({', `setup: ({ db }) => { throw new Error('no licence'); return ({`)
        .replace(/\}\),\n\}\);\n$/, '}); },\n});\n'),
      'setup',
      /no licence/,
    ],
    [tallyPlugin(1).replace(`order: 'all',`, ''), 'setup', /was 'all' ordered and can't become 'camera'/],
  ];
  for (const [text, stage, reason] of bad) {
    writeFileSync(index, text);
    const { status, body } = await reload(heldar);
    expect({ status, body }).toMatchObject({
      status: 409,
      body: { error: expect.stringMatching(reason) as string },
    });
    const { body: plugins } = await heldar.call('GET', '/api/v1/plugins');
    expect(plugins).toMatchObject([
      {
        state: 'running',
        generation: 1,
        error: null,
        refused_change: { stage, reason: expect.stringMatching(reason) as string },
      },
    ]);
    expect(await version(heldar)).toBe(0);
  }
  writeFileSync(index, tallyPlugin(2));
  writeVersion(folder, 2);
  expect((await reload(heldar)).status).toBe(200);
  expect(await version(heldar)).toBe(2);
  expect((await heldar.call('GET', '/api/v1/plugins')).body).toMatchObject([
    { generation: 2, refused_change: null },
  ]);
});

test('a plugin is stopped and started again while it runs; what came meanwhile is not lost', async () => {
  using folder = folderWith(tallySite);
  await using heldar = await startHeldar(folder.path);
  await addCameras(heldar);
  const send = (frame: string) =>
    heldar.call('POST', '/api/v1/ai/events', {
      camera_id: 'gate',
      task_type: 'people',
      frame_id: frame,
      detections: [{ label: 'person' }],
    });
  await send('one');
  const change = (kind: string, name = 'tally') =>
    heldar.call('POST', `/api/v1/admin/plugins/${name}/${kind}`);
  expect(await change('disable')).toMatchObject({ status: 200, body: { did: 'stopped' } });
  expect(await change('disable')).toMatchObject({ status: 200, body: { did: 'nothing' } });
  expect((await heldar.call('GET', '/api/v1/plugins/tally/version')).status).toBe(404);
  expect((await heldar.call('GET', '/api/v1/plugins')).body).toMatchObject([{ state: 'disabled' }]);
  await send('two');
  expect(await change('enable')).toMatchObject({ status: 200, body: { did: 'started' } });
  expect(await change('enable')).toMatchObject({ status: 200, body: { did: 'nothing' } });
  await caughtUp(heldar);
  expect(readTally(folder.file('data/heldar.db'))).toMatchObject({ ...nothingWrong, batches: 2 });
  expect(await change('reload', 'nobody')).toMatchObject({
    status: 404,
    body: { error: expect.stringContaining('there is no plugin nobody here') as string },
  });
});

test(
  'a released migration is applied while requests wait; one that fails leaves tables, rows and code as they were',
  { timeout: 90_000 },
  async () => {
    using folder = folderWith(tallySite);
    await using heldar = await startHeldar(folder.path);
    await addCameras(heldar);
    const load = startLoad({
      origin: () => heldar.origin,
      cameras: ['gate', 'yard'],
      senders: 4,
      askers: 2,
      askEveryMs: 10,
    });
    const release = (...names: string[]) =>
      writeFileSync(
        folder.file('tally/package.json'),
        tallySite['tally/package.json'].replace(
          '["0001_tally.sql"]',
          JSON.stringify(['0001_tally.sql', ...names]),
        ),
      );
    await until('batches came in', () => load.sent > 50);
    writeFileSync(
      folder.file('tally/migrations/0002_note.sql'),
      'ALTER TABLE tally_rows ADD COLUMN note TEXT;\nINSERT INTO nowhere VALUES (1);\n',
    );
    release('0002_note.sql');
    expect(await reload(heldar)).toMatchObject({
      status: 409,
      body: { error: expect.stringMatching(/\(migrations\).*0002_note\.sql:2.*serves on/) as string },
    });
    const columns = () => readColumns(folder.file('data/heldar.db'));
    expect(columns()).not.toContain('note');

    // The tables change, then its setup fails: the change of the tables goes too.
    writeFileSync(
      folder.file('tally/migrations/0002_note.sql'),
      'ALTER TABLE tally_rows ADD COLUMN note TEXT;\n',
    );
    const index = folder.file('tally/index.ts');
    writeFileSync(
      index,
      tallyPlugin(1).replace('setup: ({ db }) => ({', `setup: ({ db }) => ({ nonsense: 1,`),
    );
    expect(await reload(heldar)).toMatchObject({
      status: 409,
      body: { error: expect.stringContaining('nonsense') as string },
    });
    expect(columns()).not.toContain('note');
    const before = load.sent;
    await until('it goes on', () => load.sent > before + 20);

    writeFileSync(index, tallyPlugin(1));
    writeVersion(folder, 1);
    expect(await reload(heldar)).toMatchObject({ status: 200, body: { did: 'swapped' } });
    expect(columns()).toContain('note');
    await until('the new version has batches', () => readTally(folder.file('data/heldar.db')).versions === 2);
    await load.stop();
    await caughtUp(heldar);
    expect(load.failures).toEqual([]);
    expect(readTally(folder.file('data/heldar.db'))).toMatchObject({ ...nothingWrong, batches: load.sent });
  },
);

test(
  'swaps and SIGKILL at any moment: what clients were told is stored has its effect once',
  { timeout: 120_000 },
  async () => {
    using folder = folderWith(tallySite);
    let heldar = await startHeldar(folder.path, ['--no-supervise']);
    await addCameras(heldar);
    const load = startLoad({
      origin: () => heldar.origin,
      cameras: ['gate', 'yard'],
      senders: 6,
      askers: 2,
      askEveryMs: 20,
      mayBreak: true,
    });
    let swaps = 0;
    for (let kill = 0; kill < 5; kill += 1) {
      const before = load.sent;
      let alive = true;
      const swapping = (async () => {
        for (let next = 1; alive; next += 1) {
          writeVersion(folder, next);
          if ((await reload(heldar).catch(() => null))?.status === 200) swaps += 1;
        }
      })();
      await until('batches came in between swaps', () => load.sent > before + 60);
      // The moment of the kill, in steps through a swap's time.
      await new Promise((resolve) => setTimeout(resolve, kill * 13));
      await heldar.kill();
      alive = false;
      await swapping;
      heldar = await startHeldar(folder.path, ['--no-supervise']);
    }
    await load.stop();
    await caughtUp(heldar);
    const tally = () => readTally(folder.file('data/heldar.db'));
    await until('every event is handled', () => tally().handled === tally().expectedEvents);
    expect(load.failures).toEqual([]);
    expect(swaps).toBeGreaterThan(5);
    expect(tally()).toMatchObject({ ...nothingWrong, batches: load.sent, events: tally().expectedEvents });
    expect(await heldar.stop()).toBe(0);
  },
);
