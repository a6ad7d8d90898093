/** Does an event name the batch or tick it comes from, and is it made again from the log? Also through the commands. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { explainEvent, type Explanation } from '../src/replay/explain-event.ts';
import type { Subject } from '../src/replay/subject.ts';
import { runHeldar, type Outcome } from './heldar-command.ts';
import { startRig, type KernelRig } from './kernel-rig.ts';
import { ingest, ingestPeople, recordedOf, subjectIn, tallyConfig } from './recorded-site.ts';
import { fixturePlugin } from './site-rig.ts';

let rig: KernelRig;
const options = { every: 3, apiKey: 'not to be seen' };

beforeAll(async () => {
  rig = await startRig({ config: tallyConfig(options) });
  for (let index = 0; index < 10; index += 1) {
    await ingestPeople(rig, index % 2 === 0 ? 'gate' : 'yard', 'person');
    await rig.clock.advance(1500);
  }
  await ingest(rig, {
    camera_id: 'gate',
    task_type: 'people',
    detections: [],
    event: { event_type: 'alarm', severity: 'critical', payload: { by: 'hand' } },
  });
  await rig.clock.advance(20_000);
  await rig.kernel.quiet();
});

afterAll(async () => {
  await rig[Symbol.asyncDispose]();
});

function idOf(condition: string): string {
  return rig.sql<{ id: string }>(`SELECT id FROM events WHERE ${condition} ORDER BY seq`)[0]?.id ?? '';
}

async function explained(id: string, subject?: Subject): Promise<Explanation> {
  using recorded = recordedOf(rig);
  const known = subject ?? (await subjectIn(rig, tallyConfig(options), 'tally'));
  return await explainEvent(recorded, id, () => Promise.resolve(known));
}

test('an event names the very batch that brought it about, the code and the options, and is made again', async () => {
  const [third] = rig.sql<{ seq: number; frame_id: string }>(
    `SELECT seq, frame_id FROM log WHERE kind = 'batch' ORDER BY seq LIMIT 1 OFFSET 2`,
  );
  const { event, record, detections, generation, now, again } = await explained(
    idOf(`event_type = 'tally.reached'`),
  );
  expect(event).toMatchObject({
    type: 'tally.reached',
    cameraId: 'gate',
    payload: '{"label":"person","count":3}',
    consumer: { name: 'totals', lane: 0, epoch: 1 },
    cause: { kind: 'record', at: third?.seq },
  });
  expect(record).toMatchObject({ seq: third?.seq, frame_id: third?.frame_id, type: 'people' });
  expect(detections).toBe(1);
  expect(generation).toMatchObject({ version: '1.2.0', config: '{"every":3,"apiKey":"***"}' });
  expect(now).toEqual({ version: '1.2.0', config: '{"every":3,"apiKey":"***"}' });
  expect(again).toEqual({ outcome: 'same', records: third?.seq });
});

test('an event of a tick names the tick, and is made again', async () => {
  const { event, record, again } = await explained(idOf(`cause = 'tick'`));
  expect(event).toMatchObject({ type: 'tally.summary', cameraId: null, cause: { kind: 'tick' } });
  expect((event.cause?.at ?? 1) % 10_000).toBe(0);
  expect(record).toBeNull();
  expect(again.outcome).toBe('same');
});

test('with other options the event does not come again, and both are told', async () => {
  const other = await subjectIn(rig, tallyConfig({ every: 4 }), 'tally');
  const { generation, now, again } = await explained(idOf(`event_type = 'tally.reached'`), other);
  expect([generation?.config, now?.config]).toEqual([
    '{"every":3,"apiKey":"***"}',
    '{"every":4,"apiKey":"***"}',
  ]);
  expect(again).toMatchObject({ outcome: 'absent', reason: null });
});

test('with code that says something else the difference is shown', async () => {
  const subject = await subjectIn(rig, tallyConfig(options), 'tally');
  const { definition } = subject;
  const { reached } = definition.emits ?? {};
  const doubled = { '~standard': { version: 1, vendor: 'test', validate: () => ({ value: { count: 6 } }) } };
  const again = (
    await explained(idOf(`event_type = 'tally.reached'`), {
      ...subject,
      definition: {
        ...definition,
        emits: { ...definition.emits, reached: doubled as typeof reached & object },
      },
    })
  ).again;
  expect(again).toMatchObject({ outcome: 'changed', event: { payload: '{"count":6}' } });
});

test('what a worker posted names its batch, and what the journal does not hold is refused', async () => {
  const { event, record, again } = await explained(idOf(`source = 'worker'`));
  expect(event).toMatchObject({ type: 'alarm', consumer: null, cause: { kind: 'record', at: record?.seq } });
  expect(again).toEqual({ outcome: 'none', reason: 'a worker posted it together with the batch' });
  await expect(explained('nothing')).rejects.toThrow(`the journal holds no event 'nothing'`);
});

test('heldar explain, replay and tape tell it on the command line, beside a kernel that runs', async () => {
  await rig.kernel.quiet();
  const id = idOf(`event_type = 'tally.reached'`);
  const composition = (every: number) =>
    `export default { plugins: ['${fixturePlugin('tally')}'], test: { plugins: { tally: { every: ${every}, apiKey: 'not to be seen' } } } };`;
  writeFileSync(join(rig.folder, 'heldar.config.ts'), composition(3));
  writeFileSync(join(rig.folder, 'other.config.ts'), composition(4));
  const heldar = (...args: string[]): Promise<Outcome> =>
    runHeldar(rig.folder, [...args, '--env', 'test'], { HELDAR_DATA_DIR: rig.folder });
  const other = ['--config', join(rig.folder, 'other.config.ts')];
  const [told, same, different, wrong] = await Promise.all([
    heldar('explain', id),
    heldar('replay', '--plugin', 'tally'),
    heldar('replay', '--plugin', 'tally', '--json', ...other),
    heldar('replay', '--plugin', 'nobody'),
  ]);
  expect(told.out).toMatch(/^tally\.reached gate 20.*\n/);
  expect(told.out).toMatch(
    /because +batch \d+ of task type people, camera gate, frame f\d+, 1 detection, received 20/,
  );
  expect(told.out).toMatch(/ran with +version 1\.2\.0, options \{"every":3,"apiKey":"\*\*\*"\}, since 20/);
  expect(told.out).toMatch(/✔ made again from \d+ records of its lane: the same event\n$/);
  expect(told.code).toBe(0);
  expect(same).toMatchObject({ code: 0, err: '' });
  expect(same.out).toContain('✔ the same as production recorded');
  expect(different.code).toBe(1);
  const report = JSON.parse(different.out) as {
    difference: { events: { missing: object[]; extra: object[] } };
  };
  expect(report.difference.events.missing).toHaveLength(3);
  expect(report.difference.events.extra).toHaveLength(2);
  expect(wrong).toMatchObject({ code: 2, err: `✖ the composition has no plugin 'nobody'; it has tally\n` });

  const tape = join(rig.folder, 'site.jsonl.gz');
  const exported = await heldar('tape', 'export', '--out', tape, '--camera', 'gate');
  expect(exported).toMatchObject({ code: 0, out: `${tape}: 6 batches, 1 control record\n` });
  const [alone, imported] = await Promise.all([
    heldar('replay', '--plugin', 'tally', '--tape', tape),
    heldar('tape', 'import', tape, '--into', join(rig.folder, 'copy')),
  ]);
  expect(alone).toMatchObject({ code: 0, err: '' });
  expect(alone.out).toMatch(
    /events {2}tally\.reached {2}1\nevents {2}tally\.summary {2}2\ntable tally_lines {2}6 rows\n/,
  );
  expect(imported).toMatchObject({ code: 0, err: '' });
  const foreign = await runHeldar(
    rig.folder,
    ['replay', '--plugin', 'tally', '--tape', tape, '--against', 'live', '--env', 'test'],
    { HELDAR_DATA_DIR: join(rig.folder, 'nowhere') },
  );
  expect(foreign.code).toBe(2);
  expect(foreign.err).toContain('there is no database at');
});
