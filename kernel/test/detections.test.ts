/** Can stored detections be found again: by time to the nanosecond, by label, in pages, and in SQL? */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCamera, startRig, type KernelRig } from './kernel-rig.ts';
import { listDetections, type Detection } from './stored-batches.ts';

let rig: KernelRig;
beforeAll(async () => {
  rig = await startRig({ cameras: [] });
});
afterAll(() => rig[Symbol.asyncDispose]());

async function post(camera_id: string, timestamp: string | null, labels: readonly (string | null)[] = ['x']) {
  const detections = labels.map((label, index) => ({ label, track_id: `${index}` }));
  const body = { camera_id, task_type: 'detection', timestamp, detections };
  const answer = await rig.call('POST', '/api/v1/ai/events', body);
  if (answer.status !== 200) throw new Error(`${timestamp}: ${JSON.stringify(answer.body)}`);
}

/** A camera of its own for each test. */
async function cameraWith(id: string, timestamps: readonly string[]): Promise<string> {
  await createCamera(rig, id);
  for (const timestamp of timestamps) await post(id, timestamp);
  return id;
}

const timesOf = (detections: readonly Detection[]) => detections.map(({ timestamp }) => timestamp);
const query = (params: Record<string, string>) => new URLSearchParams(params).toString();

test('times read back in UTC with the fewest of 0, 3, 6 or 9 digits that are exact', async () => {
  const spelled = {
    '2026-01-31T12:00:00Z': '2026-01-31T12:00:00Z',
    '2026-01-31t12:00:00.5z': '2026-01-31T12:00:00.500Z',
    ' 2026-01-31 14:00:00.50001+02:00 ': '2026-01-31T12:00:00.500010Z',
    '2026-01-31T12:00:00.000000001-00:00': '2026-01-31T12:00:00.000000001Z',
    '2026-01-31T12:00:00.1234567891234Z': '2026-01-31T12:00:00.123456789Z',
    '2026-01-31T12:00:00.000000000Z': '2026-01-31T12:00:00Z',
    '0000-01-01T00:00:00Z': '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00.000001+00:01': '0000-12-31T23:59:00.000001Z',
    '1969-12-31T23:59:59.999999999Z': '1969-12-31T23:59:59.999999999Z',
    '9999-12-31T23:59:59.999999999Z': '9999-12-31T23:59:59.999999999Z',
    // A leap second is the second behind it, so that every time has one place among the others.
    '2016-12-31T23:59:60Z': '2017-01-01T00:00:00Z',
    '2016-12-31T18:59:60.25-05:00': '2017-01-01T00:00:00.250Z',
  };
  const camera = await cameraWith('spelled', Object.keys(spelled));
  const read = timesOf(await listDetections(rig, camera));
  expect(read.toSorted()).toEqual(Object.values(spelled).toSorted());
});

test('newest first means by instant, to the nanosecond, whatever was stored first and however it was spelled', async () => {
  const newestFirst = [
    '2026-01-31T12:00:01.000000000+00:00',
    '2026-01-31T12:00:00.999999999Z',
    '2026-01-31T14:00:00.100000002+02:00',
    '2026-01-31T12:00:00.100000001Z',
    '2026-01-31T11:59:59.100000003-00:00',
    '0999-01-01T00:00:00Z',
    '0000-01-01T00:00:00.000000001Z',
    '0000-01-01T00:00:00Z',
  ];
  const [a, b, c, d, e, f, g, h] = newestFirst;
  const stored = [d, h, a, g, c, f, b, e].filter((time) => time !== undefined);
  const camera = await cameraWith('sorted', stored);
  const instants = timesOf(await listDetections(rig, camera));
  expect(instants).toEqual([
    '2026-01-31T12:00:01Z',
    '2026-01-31T12:00:00.999999999Z',
    '2026-01-31T12:00:00.100000002Z',
    '2026-01-31T12:00:00.100000001Z',
    '2026-01-31T11:59:59.100000003Z',
    '0999-01-01T00:00:00Z',
    '0000-01-01T00:00:00.000000001Z',
    '0000-01-01T00:00:00Z',
  ]);
});

test('from and to are inclusive, to the nanosecond, with and without a label', async () => {
  const [first, second, third] = ['1Z', '2Z', '3Z'].map((end) => `2026-01-31T12:00:00.00000000${end}`);
  const camera = await cameraWith('bounded', [first, second, third].map(String));
  for (const label of [{}, { label: 'x' }]) {
    const between = async (params: Record<string, string>) =>
      timesOf(await listDetections(rig, camera, query({ ...params, ...label })));
    expect(await between({ from: `${second}` })).toEqual([third, second]);
    expect(await between({ to: `${second}` })).toEqual([second, first]);
    expect(await between({ from: `${second}`, to: `${second}` })).toEqual([second]);
    expect(await between({ from: '2026-01-31T14:00:00.000000003+02:00' })).toEqual([third]);
    expect(await between({ to: '0000-01-01T00:00:00Z' })).toEqual([]);
    expect(await between({ from: '9999-12-31T23:59:59.999999999Z' })).toEqual([]);
  }
});

test('a bound that is no time is refused by name, once the camera is known to exist', async () => {
  const camera = await cameraWith('refusing', []);
  const list = (id: string, text: string) => rig.call('GET', `/api/v1/cameras/${id}/detections?${text}`);
  for (const bad of ['from=', 'from=today', 'from=2026-01-31T12:00:00', 'from=2026-01-31T24:00:00Z'])
    expect(await list(camera, bad)).toMatchObject({
      status: 400,
      body: { error: expect.stringMatching(/^from: /) as string },
    });
  expect(await list(camera, 'to=2026-01-31T12:00:00+01:00')).toMatchObject({
    status: 400,
    body: { error: expect.stringMatching(/^to: .*%2B/) as string },
  });
  expect(await list(camera, 'label=a&label=b')).toMatchObject({
    status: 400,
    body: { error: 'label: given twice' },
  });
  expect((await list('nowhere', 'from=today')).status).toBe(404);
  expect((await list('nowhere', 'limit=many')).status).toBe(400);
});

test('a label is matched exactly, and only its detections of a batch are shown', async () => {
  const camera = await cameraWith('labelled', []);
  const labels = [
    'person',
    'Person',
    ' person',
    'person ',
    'pers%',
    'pers_n',
    '',
    null,
    'a\0b',
    'a\0c',
    'ä',
    'a\u0308',
    '人',
  ];
  await post(camera, '2026-01-31T12:00:00Z', labels);
  await post(camera, '2026-01-31T12:00:01Z', ['car', 'person', 'person']);
  for (const label of labels.filter((text) => text !== null)) {
    const found = await listDetections(rig, camera, query({ label }));
    expect(found.map((detection) => detection.label)).toEqual(found.map(() => label));
    expect(found).toHaveLength(label === 'person' ? 3 : 1);
  }
  expect(await listDetections(rig, camera, 'label=PERSON')).toEqual([]);
  expect(await listDetections(rig, camera, '')).toHaveLength(labels.length + 3);
});

test('limit counts detections and is clamped to 1..5000; one that is no whole number is refused', async () => {
  const camera = await cameraWith('paged', []);
  const thousand = Array.from({ length: 1000 }, (_, index) => (index % 2 === 0 ? 'even' : 'odd'));
  for (let second = 0; second < 6; second += 1) await post(camera, `2026-01-31T12:00:0${second}Z`, thousand);
  const size = async (params: string) => (await listDetections(rig, camera, params)).length;
  expect(await size('')).toBe(200);
  expect(await size('limit=1')).toBe(1);
  expect(await size('limit=0')).toBe(1);
  expect(await size('limit=-5')).toBe(1);
  expect(await size('limit=5000')).toBe(5000);
  expect(await size('limit=5001')).toBe(5000);
  expect(await size(`limit=${'9'.repeat(40)}`)).toBe(5000);
  expect(await size('limit=1001')).toBe(1001);
  expect(await size('limit=5000&label=odd')).toBe(3000);
  const newest = await listDetections(rig, camera, 'limit=501&label=odd');
  expect(new Set(timesOf(newest.slice(0, 500)))).toEqual(new Set(['2026-01-31T12:00:05Z']));
  expect(newest[500]).toMatchObject({ label: 'odd', timestamp: '2026-01-31T12:00:04Z' });
  for (const bad of ['', 'many', '1.5', '1e3', '0x10', ' 5', 'Infinity'])
    expect(
      await rig.call('GET', `/api/v1/cameras/${camera}/detections?${query({ limit: bad })}`),
    ).toMatchObject({
      status: 400,
      body: { error: 'limit: expected a whole number' },
    });
});

interface Row {
  readonly at_ms: number;
  readonly at_ns: number;
  readonly bbox: string;
  readonly attributes: string;
  readonly received: number;
  readonly [column: string]: unknown;
}

test('SQL over the view finds the same detections, with the same ids', async () => {
  const camera = await cameraWith('viewed', ['1969-07-20T20:17:40.000000001Z']);
  const odd = [
    {
      label: 'a\0b',
      confidence: 5e-324,
      bbox: [0.1, -0, 1e308],
      track_id: '\0',
      attributes: { a: [null, true] },
    },
    { label: '', confidence: 2 ** 70, bbox: 'text', track_id: '', attributes: 7 },
    { label: null, confidence: null, bbox: null, track_id: null, attributes: null },
    { label: '7', confidence: 1, bbox: true, track_id: '1e3', attributes: '{"quoted": 1}' },
    {
      label: 'null',
      confidence: 0.1 + 0.2,
      bbox: {},
      track_id: '人',
      attributes: JSON.parse('{"__proto__":1}') as unknown,
    },
  ];
  const body = { camera_id: camera, task_type: 'nul\0', frame_id: '', detections: odd };
  expect((await rig.call('POST', '/api/v1/ai/events', body)).status).toBe(200);
  const rows = rig.sql<Row>(
    `SELECT id, camera_id, task_type, at_ms, at_ns, label, confidence, bbox, track_id, attributes, frame_id, received
     FROM detections WHERE camera_id = ? ORDER BY at_ms DESC, at_ns DESC, position`,
    camera,
  );
  const asAnswered = rows.map(({ at_ms, at_ns, received, ...row }) => ({
    ...row,
    at: [at_ms, at_ns],
    bbox: JSON.parse(row.bbox) as unknown,
    attributes: JSON.parse(row.attributes) as unknown,
    created_at: new Date(received).toISOString(),
  }));
  const answered = (await listDetections(rig, camera)).map(({ timestamp, created_at, ...detection }) => ({
    ...detection,
    at: [Math.floor(Date.parse(timestamp)), timestamp.endsWith('001Z') ? 1 : 0],
    created_at: new Date(created_at).toISOString(),
  }));
  expect(asAnswered).toEqual(answered);
  expect(answered).toHaveLength(6);
});

test('ids are 32 hex digits behind a prefix, and stay the same over a restart', async () => {
  const camera = await cameraWith('lasting', ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00Z']);
  const before = await listDetections(rig, camera);
  expect(new Set(before.map(({ id }) => id)).size).toBe(2);
  for (const { id } of before) expect(id).toMatch(/^det_[0-9a-f]{32}$/);
  await rig.stop();
  await rig.start();
  expect(await listDetections(rig, camera)).toEqual(before);
});

test('the outbox tells of every batch once, also of one without detections, and pages by its own sequence', async () => {
  const camera = await cameraWith('counted', []);
  const after = rig.sql<{ seq: number }>('SELECT max(seq) AS seq FROM log')[0]?.seq ?? 0;
  await post(camera, null, []);
  await post(camera, '2020-01-01T00:00:00Z', ['a', 'b']);
  await post(camera, null, ['c']);
  interface Page {
    readonly entries: readonly { seq: number; detection_count: number }[];
    readonly next_seq: number | null;
    readonly count: number;
  }
  const page = async (text: string) => (await rig.call('GET', `/api/v1/outbox?${text}`)).body as Page;
  const first = await page(`since_seq=${after}&limit=2`);
  expect(first.entries.map(({ detection_count: size }) => size)).toEqual([0, 2]);
  const second = await page(`since_seq=${first.next_seq}`);
  expect(second).toEqual({
    entries: [
      {
        seq: second.next_seq,
        topic: 'detections',
        camera_id: camera,
        site_id: null,
        frame_id: null,
        task_type: 'detection',
        detection_count: 1,
        created_at: '2026-01-01T00:00:00Z',
      },
    ],
    next_seq: expect.any(Number) as number,
    count: 1,
  });
  expect(await page(`since_seq=${second.next_seq}`)).toEqual({ entries: [], next_seq: null, count: 0 });
});
