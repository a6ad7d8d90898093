/** Does a site with this plugin tell who came, stayed and left, exactly once, whatever happens to it meanwhile? */
import { expect, test } from 'vitest';
import { startSite, startTime, type Site } from './site.ts';

const square = [[0.4, 0.4], [0.8, 0.4], [0.8, 0.8], [0.4, 0.8]]; // prettier-ignore
const inside = { x: 0.6, y: 0.6 };
const outside = { x: 0.1, y: 0.9 };
const zonesOf = (camera: string) => `/api/v1/cameras/${camera}/zones`;

interface Zone {
  readonly id: string;
  readonly [member: string]: unknown;
}

async function createZone(site: Site, fields: Record<string, unknown> = {}, camera = 'gate'): Promise<Zone> {
  const { status, body } = await site.call('POST', zonesOf(camera), {
    name: 'Yard',
    polygon: square,
    ...fields,
  });
  if (status !== 201) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body as Zone;
}

const typesOf = (events: readonly { event_type: string }[]) => events.map(({ event_type: type }) => type);
const zoneTypes = async (site: Site, camera = 'gate') => typesOf(await site.zoneEvents(camera));
/** RFC 3339, so many seconds after the start. */
const at = (seconds: number) => new Date(startTime + seconds * 1000).toISOString().replace('.000Z', 'Z');

test('zones are created, listed, changed and deleted, each answered whole', async () => {
  await using site = await startSite(['gate', 'yard']);
  const created = await site.call('POST', zonesOf('gate'), { name: ' Yard ', polygon: square });
  const zone = {
    id: expect.stringMatching(/^zone_[0-9a-f]{32}$/) as string,
    camera_id: 'gate',
    name: ' Yard ',
    kind: 'region',
    polygon: square,
    dwell_seconds: 0,
    labels: [],
    severity: 'info',
    config: {},
    enabled: true,
    created_at: at(0),
    updated_at: at(0),
  };
  expect(created).toEqual({ status: 201, body: zone });
  const { id } = created.body as Zone;
  await site.pass(1.5);
  const changes = {
    kind: 'red',
    dwell_seconds: -3,
    labels: [' car ', 'car'],
    severity: 'critical',
    config: [1],
    name: null,
  };
  const changed = await site.call('PATCH', `/api/v1/zones/${id}`, changes);
  const after = {
    ...zone,
    kind: 'red',
    labels: ['car'],
    severity: 'critical',
    config: [1],
    updated_at: '2026-01-31T12:00:01.500Z',
  };
  expect(changed).toEqual({ status: 200, body: after });
  expect(await site.call('GET', zonesOf('gate'))).toEqual({ status: 200, body: [changed.body] });
  expect(await site.call('GET', zonesOf('yard'))).toEqual({ status: 200, body: [] });
  expect(await site.call('DELETE', `/api/v1/zones/${id}`)).toEqual({ status: 204, body: undefined });
  expect(await site.call('GET', zonesOf('gate'))).toEqual({ status: 200, body: [] });
  for (const method of ['PATCH', 'DELETE'])
    expect(await site.call(method, `/api/v1/zones/${id}`, method === 'PATCH' ? {} : undefined)).toMatchObject(
      { status: 404 },
    );
});

test('a body is refused by its shape first, then by the camera, then by its values, which are named', async () => {
  await using site = await startSite();
  const { id } = await createZone(site);
  const triangle = [[0, 0], [1, 0], [0, 1]]; // prettier-ignore
  const good = { name: 'n', polygon: triangle };
  const refusals: [camera: string, body: unknown, status: number, names: string][] = [
    ['gate', { polygon: triangle }, 422, 'name: missing'],
    ['gate', { name: 'n' }, 422, 'polygon: missing'],
    ['gate', { ...good, name: null }, 422, 'name'],
    ['gate', { ...good, polygon: 'square' }, 422, 'polygon'],
    ['gate', { ...good, dwell_seconds: '5' }, 422, 'dwell_seconds'],
    ['gate', { ...good, labels: ['a', 7] }, 422, 'labels[1]'],
    ['gate', { ...good, enabled: 1 }, 422, 'enabled'],
    ['nowhere', { ...good, severity: 5 }, 422, 'severity'],
    ['nowhere', { ...good, severity: 'loud' }, 404, 'nowhere'],
    ['gate', { ...good, severity: 'loud' }, 400, 'severity'],
    ['gate', { ...good, name: ' ' }, 400, 'name'],
    ['gate', { ...good, polygon: triangle.slice(1) }, 400, 'polygon'],
    ['gate', { ...good, polygon: Array.from({ length: 513 }, () => [0, 0]) }, 400, 'polygon'],
    ['gate', { ...good, polygon: [...triangle, [0, 1.01]] }, 400, 'polygon[3]'],
    ['gate', { ...good, polygon: [...triangle, [0, 1, 0]] }, 400, 'polygon[3]'],
    ['gate', { ...good, labels: ['a', ' '] }, 400, 'labels[1]'],
  ];
  for (const [camera, body, status, names] of refusals)
    expect(await site.call('POST', zonesOf(camera), body)).toMatchObject({
      status,
      body: { error: expect.stringContaining(names) as string },
    });
  const patch = (body: unknown) => site.call('PATCH', `/api/v1/zones/${id}`, body);
  expect((await patch({ polygon: 5 })).status).toBe(422);
  expect((await patch({ polygon: [] })).status).toBe(400);
  expect((await site.call('PATCH', '/api/v1/zones/zone_x', { polygon: [] })).status).toBe(404);
  expect(site.sql('SELECT 1 FROM zones_zones')).toHaveLength(1);
});

test('a track that comes in, stays and leaves is told as rows and in the journal', async () => {
  await using site = await startSite();
  const zone = await createZone(site, { dwell_seconds: 2, severity: 'warning' });
  for (const place of [outside, inside, inside, inside, inside, inside, outside, outside]) {
    await site.sight('gate', place);
    await site.pass(1);
  }
  const row = { camera_id: 'gate', zone_id: zone.id, zone_name: 'Yard', track_id: '1', label: 'person' };
  const events = await site.zoneEvents('gate');
  const id = expect.stringMatching(/^zev_[0-9a-f]{32}$/) as string;
  expect(events).toEqual([
    {
      ...row,
      id,
      event_type: 'enter',
      timestamp: at(2),
      dwell_seconds: null,
      evidence_path: null,
      created_at: at(2),
    },
    {
      ...row,
      id,
      event_type: 'dwell',
      timestamp: at(4),
      dwell_seconds: 2,
      evidence_path: null,
      created_at: at(4),
    },
    {
      ...row,
      id,
      event_type: 'exit',
      timestamp: at(7),
      dwell_seconds: null,
      evidence_path: null,
      created_at: at(7),
    },
  ]);
  expect(new Set(events.map((event) => event.id)).size).toBe(3);
  const payload = {
    zone_id: zone.id,
    zone: 'Yard',
    track_id: '1',
    label: 'person',
    dwell_seconds: null,
    evidence: null,
  };
  const logged = {
    id: expect.stringMatching(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    ) as string,
    camera_id: 'gate',
    site_id: null,
    severity: 'warning',
    payload,
  };
  expect(await site.journal()).toEqual([
    { ...logged, event_type: 'zone_enter', timestamp: at(2), created_at: at(2) },
    {
      ...logged,
      event_type: 'zone_dwell',
      timestamp: at(4),
      created_at: at(4),
      payload: { ...payload, dwell_seconds: 2 },
    },
    { ...logged, event_type: 'zone_exit', timestamp: at(7), created_at: at(7) },
  ]);
  const filtered = await site.call(
    'GET',
    '/api/v1/events?event_type=zone_dwell&severity=warning&camera_id=gate',
  );
  expect(filtered.body).toHaveLength(1);
});

test('membership turns with so many observations in a row as the zone asks for', async () => {
  await using site = await startSite(['gate', 'yard', 'ramp']);
  await createZone(site, { config: { confirm_frames: 3 } }, 'gate');
  await createZone(site, {}, 'yard');
  await createZone(site, { config: { confirm_frames: 1 } }, 'ramp');
  const walk = [inside, outside, inside, inside, outside, inside, inside, inside, outside, inside];
  for (const place of walk) {
    for (const camera of ['gate', 'yard', 'ramp']) await site.sight(camera, place);
    // Lists go by time alone.
    await site.pass(0.2);
  }
  expect(await zoneTypes(site, 'gate')).toEqual(['enter']);
  expect(await zoneTypes(site, 'yard')).toEqual(['enter']);
  expect(await zoneTypes(site, 'ramp')).toEqual(['enter', 'exit', 'enter', 'exit', 'enter', 'exit', 'enter']);
});

test('only the labels of the zone count, and tracks are told apart', async () => {
  await using site = await startSite();
  await createZone(site, { labels: ['car', 'truck'], config: { confirm_frames: 1 } });
  await site.sight(
    'gate',
    { ...inside, track: 'p', label: 'person' },
    { ...inside, track: 'C', label: 'Car' },
    { ...inside, track: 'n', label: null },
    { ...inside, track: 'c', label: 'car' },
    { ...inside, track: 't', label: 'truck' },
    { ...outside, track: 'o', label: 'car' },
  );
  // What is not among the labels is not seen at all: this car has not left.
  await site.sight('gate', { ...outside, track: 'c', label: 'person' });
  await site.sight('gate', { ...outside, track: 't', label: 'car' });
  const told = (await site.zoneEvents('gate')).map(
    (event) => `${String(event['track_id'])} ${event.event_type} ${String(event['label'])}`,
  );
  expect(told.toSorted()).toEqual(['c enter car', 't enter truck', 't exit car']);
});

test('a change of a zone stands in the log between the batches, and counts from there', async () => {
  await using site = await startSite();
  const zone = await createZone(site, { config: { confirm_frames: 1 } });
  const change = async (fields: object) => {
    await site.pass(0.2);
    await site.call('PATCH', `/api/v1/zones/${zone.id}`, fields);
  };
  await site.sight('gate', inside);
  await change({ polygon: [[0, 0], [0.2, 0], [0, 0.2]], name: 'Corner', severity: 'critical' }); // prettier-ignore
  await site.sight('gate', inside);
  await change({ polygon: square });
  await site.sight('gate', inside);
  await change({ enabled: false });
  await site.sight('gate', outside);
  expect(
    (await site.journal()).map(({ event_type, severity, payload }) => [
      event_type,
      severity,
      (payload as { zone: string }).zone,
    ]),
  ).toEqual([
    ['zone_enter', 'info', 'Yard'],
    ['zone_exit', 'critical', 'Corner'],
    ['zone_enter', 'critical', 'Corner'],
  ]);
  const log = site.sql<{ kind: string; type: string }>(
    "SELECT kind, type FROM log WHERE type <> 'camera.created' ORDER BY seq",
  );
  expect(log.map(({ type }) => type)).toEqual([
    'zones.zone_changed',
    'detection',
    'zones.zone_changed',
    'detection',
    'zones.zone_changed',
    'detection',
    'zones.zone_changed',
    'detection',
  ]);
  // Switched off, it sees nobody leave: whoever was inside leaves when they have not been seen for long.
  await site.pass(119);
  expect(await zoneTypes(site)).toEqual(['enter', 'exit', 'enter']);
  await site.pass(3);
  expect(await zoneTypes(site)).toEqual(['enter', 'exit', 'enter', 'exit']);
});

test('a track that is seen no more leaves after two minutes, without any traffic', async () => {
  await using site = await startSite(['gate', 'yard']);
  await createZone(site);
  await createZone(site, {}, 'yard');
  for (const camera of ['gate', 'yard']) {
    await site.sight(camera, inside);
    await site.sight(camera, inside);
  }
  await site.pass(100);
  await site.sight('yard', inside);
  await site.pass(20);
  expect(await zoneTypes(site)).toEqual(['enter']);
  await site.pass(2);
  expect(await site.zoneEvents('gate')).toMatchObject([
    { event_type: 'enter' },
    { event_type: 'exit', label: 'person', camera_id: 'gate', timestamp: at(121) },
  ]);
  expect(await zoneTypes(site, 'yard')).toEqual(['enter']);
  expect(site.sql("SELECT key FROM consumer_state WHERE key LIKE 'track/%'")).toHaveLength(1);
});

test('a repeat of a batch tells nothing again', async () => {
  await using site = await startSite();
  await createZone(site);
  const body = {
    camera_id: 'gate',
    task_type: 'detection',
    frame_id: 'f1',
    detections: [{ track_id: '1', bbox: [0.55, 0.4, 0.1, 0.2] }],
  };
  for (const expected of [{ detections_ingested: 1 }, { detections_ingested: 0, duplicate: true }])
    expect((await site.call('POST', '/api/v1/ai/events', body)).body).toEqual(expected);
  await site.pass(1);
  expect(await zoneTypes(site)).toEqual([]);
  await site.call('POST', '/api/v1/ai/events', { ...body, frame_id: 'f2' });
  await site.pass(1);
  expect(await zoneTypes(site)).toEqual(['enter']);
});

test('who was inside before a restart is inside after it, and leaves once', async () => {
  await using site = await startSite();
  await createZone(site, { dwell_seconds: 10 });
  await site.sight('gate', inside, { ...inside, track: '2' });
  await site.sight('gate', inside, { ...inside, track: '2' }, { ...inside, track: '3' });
  await site.stop();
  await site.start();
  await site.sight('gate', inside, { ...inside, track: '2' }, { ...inside, track: '3' });
  await site.pass(10);
  await site.sight('gate', inside);
  await site.sight('gate', outside);
  await site.stop();
  await site.start();
  await site.sight('gate', outside);
  const told = (await site.zoneEvents('gate')).map(
    ({ track_id, event_type }) => `${String(track_id)} ${event_type}`,
  );
  expect(told.toSorted()).toEqual(['1 dwell', '1 enter', '1 exit', '2 enter', '3 enter']);
});

test('who was lost while nothing ran leaves at the time they were lost', async () => {
  await using site = await startSite();
  await createZone(site);
  await site.sight('gate', inside);
  await site.sight('gate', inside);
  await site.stop();
  await site.pass(3600);
  await site.start();
  await site.pass(1);
  expect(await site.zoneEvents('gate')).toMatchObject([
    { event_type: 'enter', timestamp: at(0) },
    { event_type: 'exit', timestamp: at(121) },
  ]);
});

test('of changes made at the same time none is lost', async () => {
  await using site = await startSite();
  const zone = await createZone(site);
  const changes = {
    name: 'Gate',
    kind: 'red',
    dwell_seconds: 7,
    labels: ['car'],
    severity: 'critical',
    enabled: false,
  };
  const answers = await Promise.all(
    Object.entries(changes).map(async ([member, value]) => {
      const { status } = await site.call('PATCH', `/api/v1/zones/${zone.id}`, { [member]: value });
      return { member, value, status };
    }),
  );
  const made = answers.filter(({ status }) => status === 200);
  expect(answers.filter(({ status }) => status !== 200)).toEqual(
    answers.filter((answer) => !made.includes(answer)).map((answer) => ({ ...answer, status: 409 })),
  );
  expect(made.length).toBeGreaterThan(1);
  const expected = Object.fromEntries(made.map(({ member, value }) => [member, value]));
  const [now] = (await site.call('GET', zonesOf('gate'))).body as Zone[];
  expect(now).toEqual({ ...zone, ...expected, updated_at: expect.any(String) as string });
  expect(site.sql("SELECT 1 FROM log WHERE type = 'zones.zone_changed'")).toHaveLength(1 + made.length);
});

test('with the camera go its zones and their events; the journal keeps what happened', async () => {
  await using site = await startSite(['gate', 'yard']);
  for (const camera of ['gate', 'yard']) {
    await createZone(site, { config: { confirm_frames: 1 } }, camera);
    await site.sight(camera, inside);
  }
  expect((await site.call('DELETE', '/api/v1/cameras/gate')).status).toBe(204);
  await site.pass(1);
  expect((await site.call('GET', zonesOf('gate'))).status).toBe(404);
  expect(site.sql('SELECT camera_id FROM zones_zones')).toEqual([{ camera_id: 'yard' }]);
  expect(site.sql('SELECT camera_id FROM zones_events')).toEqual([{ camera_id: 'yard' }]);
  expect(typesOf(await site.journal())).toEqual(['zone_enter', 'zone_enter']);

  // A new camera of the same name has nothing of the old one: neither its zones nor who was in them.
  await site.call('POST', '/api/v1/cameras', { id: 'gate', name: 'gate', record_enabled: false });
  expect((await site.call('GET', zonesOf('gate'))).body).toEqual([]);
  await site.sight('gate', inside);
  await site.pass(130);
  expect(await site.zoneEvents('gate')).toEqual([]);
  await createZone(site, { config: { confirm_frames: 1 } });
  await site.sight('gate', inside);
  expect(await zoneTypes(site)).toEqual(['enter']);
});

test('a zone created while its camera goes is refused, or goes with it', async () => {
  await using site = await startSite();
  const statuses = new Set<number>();
  let deletion: Promise<unknown> | undefined;
  const editor = async () => {
    for (let made = 0; !statuses.has(404); made += 1) {
      const answer = site.call('POST', zonesOf('gate'), { name: 'Yard', polygon: square });
      if (made > 3) deletion ??= site.call('DELETE', '/api/v1/cameras/gate');
      await site.tick();
      statuses.add((await answer).status);
    }
  };
  await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(editor));
  await deletion;
  await site.pass(1);
  expect(statuses).toEqual(new Set([201, 404]));
  expect(site.sql('SELECT 1 FROM zones_zones')).toEqual([]);
});
