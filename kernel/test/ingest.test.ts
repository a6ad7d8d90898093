/** What becomes of what workers post: batches are kept whole or refused whole, and the answer says which and why. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canonicalTime } from './ingest-bodies.ts';
import { startRig, type KernelRig } from './kernel-rig.ts';
import { count, lastSeq, readBehind } from './stored-batches.ts';

const path = '/api/v1/ai/events';
const batch = { camera_id: 'gate', task_type: 'detection' };

let rig: KernelRig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig[Symbol.asyncDispose]());

const post = (body: unknown, headers?: Record<string, string>) => rig.call('POST', path, body, headers);

const counted = () => count(rig);
/** The server's time, as answers tell it. */
const now = () => canonicalTime(rig.clock.now());

// prettier-ignore -- a table
test.for<[what: string, status: number, names: string, body: unknown]>([
  ['a missing member', 422, 'task_type: missing', { camera_id: 'gate' }],
  ['a wrong type', 422, 'camera_id: expected text, got number', { ...batch, camera_id: 7 }],
  [
    'null where it does not mean absent',
    422,
    'detections: expected list, got null',
    { ...batch, detections: null },
  ],
  [
    'a wrong type deep within',
    422,
    'detections[1].confidence: expected number, got text',
    { ...batch, detections: [{}, { confidence: '1' }] },
  ],
  ['an event without a type', 422, 'event.event_type: missing', { ...batch, event: {} }],
  [
    'a member given twice',
    422,
    'task_type: given twice',
    '{"camera_id":"gate","task_type":"a","task_type":"a"}',
  ],
  [
    'a member given twice deep within',
    422,
    'detections[0].attributes.a: given twice',
    '{"camera_id":"gate","task_type":"a","detections":[{"attributes":{"a":1,"a":2}}]}',
  ],
  ['a list for a body', 422, 'the body: expected object, got list', '[]'],
  ['an unknown camera', 404, 'camera porch not found', { ...batch, camera_id: 'porch' }],
  [
    'the name of a built-in for a camera',
    404,
    'camera __proto__ not found',
    { ...batch, camera_id: '__proto__' },
  ],
  ['a blank task type', 400, 'task_type: must not be blank', { ...batch, task_type: ' \t' }],
  [
    '1001 detections',
    400,
    'detections: at most 1000',
    { ...batch, detections: Array.from({ length: 1001 }, () => ({ label: 'x' })) },
  ],
  ['an empty time', 400, 'timestamp: expected RFC 3339', { ...batch, timestamp: '' }],
  [
    'a time without an offset',
    400,
    'timestamp: expected RFC 3339',
    { ...batch, timestamp: '2026-01-31T12:00:00' },
  ],
  ['the 24th hour', 400, 'timestamp: expected RFC 3339', { ...batch, timestamp: '2026-01-31T24:00:00Z' }],
  [
    'a 61st second that is no leap second',
    400,
    'timestamp: expected RFC 3339',
    { ...batch, timestamp: '2026-01-31T12:00:60Z' },
  ],
  [
    'a time beyond the year 9999',
    400,
    'timestamp: expected RFC 3339',
    { ...batch, timestamp: '9999-12-31T23:59:59-00:01' },
  ],
  [
    'half of a surrogate pair in a key',
    400,
    'frame_id: half of a surrogate pair',
    { ...batch, frame_id: 'a\ud800' },
  ],
  [
    'half of a surrogate pair in a label',
    400,
    'detections[1].label: half of a surrogate pair',
    { ...batch, detections: [{}, { label: '\udfff' }] },
  ],
  [
    'half of a surrogate pair in the type of an event',
    400,
    'event.event_type: half of a surrogate pair',
    { ...batch, event: { event_type: '\ud800' } },
  ],
  ['an empty body', 400, 'the body is empty', ''],
  [
    'a body that ends too early',
    400,
    'task_type: the JSON ends too early',
    '{"camera_id":"gate","task_type":',
  ],
  [
    'NaN',
    400,
    'detections[0].confidence: not valid JSON',
    '{"camera_id":"gate","task_type":"a","detections":[{"confidence":NaN}]}',
  ],
  [
    'a number beyond all doubles',
    400,
    'detections[0].bbox[1]: the number',
    '{"camera_id":"gate","task_type":"a","detections":[{"bbox":[0,1e999]}]}',
  ],
  [
    '65 levels',
    400,
    'nested deeper than 64 levels',
    `{"camera_id":"gate","task_type":"a","detections":[{"attributes":${'['.repeat(62)}${']'.repeat(62)}}]}`,
  ],
  ['a million levels', 400, 'nested deeper than 64 levels', '['.repeat(1_000_000)],
  ['3 MiB', 413, 'exceeds 2097152 bytes', JSON.stringify({ ...batch, more: 'x'.repeat(3 * 1024 * 1024) })],
])('%s is refused, and nothing is stored', async ([, status, names, body]) => {
  const before = counted();
  const answer = await post(body);
  expect(answer).toMatchObject({ status, body: { error: expect.stringContaining(names) as string } });
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  expect(counted()).toEqual(before);
});

test('what is not declared as JSON is refused before it is looked at', async () => {
  const before = counted();
  const error = 'a JSON body with Content-Type: application/json is expected';
  for (const type of ['text/plain', 'application/jsonp', 'multipart/form-data', ''])
    expect(await post('{', { 'content-type': type })).toMatchObject({ status: 415, body: { error } });
  expect(counted()).toEqual(before);
  expect((await post(JSON.stringify(batch), { 'content-type': 'application/vnd.worker+json' })).status).toBe(
    200,
  );
});

test('decoding comes before the camera, the camera before the values', async () => {
  expect((await post({ camera_id: 'porch', task_type: 7 })).status).toBe(422);
  expect((await post({ camera_id: 'porch', task_type: ' ', timestamp: 'never' })).status).toBe(404);
  expect((await post({ camera_id: 'gate', task_type: ' ', timestamp: 'never' })).status).toBe(400);
});

test('a body of the largest size and 1000 detections are taken', async () => {
  const detections = Array.from({ length: 1000 }, (_, index) => ({ track_id: `${index}` }));
  const whole = { ...batch, detections };
  const room = 2 * 1024 * 1024 - JSON.stringify({ ...whole, more: '' }).length;
  const seq = lastSeq(rig);
  expect(await post({ ...whole, more: 'x'.repeat(room) })).toMatchObject({
    status: 200,
    body: { detections_ingested: 1000 },
  });
  expect((await post({ ...whole, more: 'x'.repeat(room + 1) })).status).toBe(413);
  const [{ detections: read } = { detections: [] }] = await readBehind(rig, seq);
  expect(read.map(({ track_id }) => track_id)).toEqual(detections.map(({ track_id }) => track_id));
});

test('null means absent in every member that may be absent', async () => {
  const seq = lastSeq(rig);
  const absent = { label: null, confidence: null, bbox: null, track_id: null, attributes: null };
  const event = { event_type: 'seen', severity: null, payload: null };
  const body = { ...batch, timestamp: null, frame_id: null, detections: [absent, {}], event };
  expect((await post(body)).status).toBe(200);
  expect((await post({ ...body, event: null })).status).toBe(200);
  expect((await post(batch)).body).toEqual({ detections_ingested: 0 });
  const expected = { ...absent, attributes: {}, frame_id: null, timestamp: now(), created_at: now() };
  const batches = await readBehind(rig, seq);
  expect(batches.map(({ detections }) => detections)).toMatchObject([
    [expected, expected],
    [expected, expected],
    [],
  ]);
  const events = await rig.call('GET', '/api/v1/events?event_type=seen');
  expect(events.body).toMatchObject([{ severity: 'info', payload: {}, camera_id: 'gate' }]);
});

test('a frame is taken once for each camera, whatever else comes with its key; the empty key is one', async () => {
  const first = { ...batch, frame_id: 'f-1', detections: [{ label: 'cat' }], event: { event_type: 'once' } };
  expect((await post(first)).body).toEqual({ detections_ingested: 1 });
  const before = counted();
  const again = { status: 200, body: { detections_ingested: 0, duplicate: true } };
  expect(await post(first)).toMatchObject(again);
  expect(await post({ ...first, task_type: 'other', timestamp: '2020-01-01T00:00:00Z', detections: [{ label: 'dog' }] })).toMatchObject(again); // prettier-ignore
  expect(counted()).toEqual(before);
  expect((await rig.call('GET', '/api/v1/events?event_type=once')).body).toHaveLength(1);

  for (const other of [
    { camera_id: 'yard' },
    { frame_id: 'F-1' },
    { frame_id: 'f-1 ' },
    { frame_id: 'f-1\0' },
  ])
    expect((await post({ ...first, ...other })).body).toEqual({ detections_ingested: 1 });
  expect((await post({ ...batch, frame_id: '' })).body).toEqual({ detections_ingested: 0 });
  expect(await post({ ...batch, frame_id: '' })).toMatchObject(again);
});

test('of many first deliveries at once exactly one wins', async () => {
  const { batches, events } = counted();
  const body = { ...batch, frame_id: 'race', event: { event_type: 'raced' } };
  const answers = await Promise.all(Array.from({ length: 40 }, () => post(body)));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  expect(answers.filter(({ body: answer }) => !Object.hasOwn(answer as object, 'duplicate'))).toHaveLength(1);
  expect(counted()).toMatchObject({ batches: batches + 1, events: events + 1 });
});

test("a worker's event is in the journal as it came", async () => {
  const event = {
    event_type: 'object_detected',
    severity: 'purple',
    payload: { counts: { person: 2 }, list: [null] },
  };
  await post({ ...batch, timestamp: '2020-05-05T05:05:05Z', event });
  const [logged] = (await rig.call('GET', '/api/v1/events?event_type=object_detected')).body as object[];
  expect(logged).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) as string,
    camera_id: 'gate',
    site_id: null,
    ...event,
    timestamp: now(),
    created_at: now(),
  });
});

test('odd names, texts and numbers read back as JSON has them', async () => {
  const seq = lastSeq(rig);
  const attributes =
    '{"__proto__":{"a":[1]},"constructor":null,"toString":"x","":0,"zero":-0,"big":12345678901234567890,"tiny":5e-324,' +
    '"huge":1.7976931348623157e308,"exact":9007199254740993,"half":"\\ud800","nul":"a\\u0000b","\\u0000":"\\ud83d\\ude00"}';
  const body = `{"__proto__":{"camera_id":"yard"},"camera_id":"gate","task_type":"nul \\u0000","detections":[{"label":"\\u0000","track_id":"\\u0000\\u0001","attributes":${attributes},"bbox":"anything"}]}`;
  expect((await post(body)).status).toBe(200);
  const [{ detections } = { detections: [] }] = await readBehind(rig, seq);
  expect(detections).toMatchObject([
    { label: '\0', track_id: '\0\u0001', task_type: 'nul \0', bbox: 'anything' },
  ]);
  // As text, so that the order of members and a member named __proto__ count; the sign of a zero is not kept.
  const sent = JSON.stringify(JSON.parse(attributes));
  expect(detections.map((detection) => JSON.stringify(detection.attributes))).toEqual([sent]);
});
