/** What is told of recordings over HTTP: pages, windows, gaps with causes, evidence and incidents. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { everyCamera } from '../src/auth/camera-scope.ts';
import { systemClock } from '../src/clock.ts';
import { testHttp } from '../src/http/http-for-tests.ts';
import { incidentRoutes } from '../src/http/routes/incidents.ts';
import { recordingGapRoutes } from '../src/http/routes/recording-gaps.ts';
import { recordingRoutes } from '../src/http/routes/recordings.ts';
import type { Http } from '../src/http/server.ts';
import { openWriter } from '../src/store/database.ts';
import { pruneGaps } from '../src/recording/upkeep.ts';
import { segmentTotalsOf } from '../src/store/segment-queries.ts';
import { openMediaStore, type MediaStore } from './media-store.ts';

const start = Date.UTC(2026, 0, 1);
const minute = 60_000;
const time = (ms: number) => new Date(start + ms).toISOString();
let media: MediaStore;
let http: Http;
beforeEach(async () => {
  media = await openMediaStore();
  const { store, registry } = media;
  const options = { store, registry, clock: systemClock };
  for (const name of ['Gate', 'Yard']) await media.createCamera({ name });
  const routes = [...recordingRoutes(options), ...recordingGapRoutes(options), ...incidentRoutes(options)];
  // The caller may not see the yard.
  const camerasOf = () => everyCamera((id) => id !== 'yard' && registry.get(id) !== undefined);
  ({ http } = testHttp(routes, { camerasOf }));
});
afterEach(async () => {
  await http.stop(1000);
  await media[Symbol.asyncDispose]();
});

async function call(method: string, path: string, body?: unknown) {
  const response = await http.inject(path, { method, ...(body === undefined ? {} : { body }) });
  const json = JSON.parse(await response.text()) as Record<string, unknown> & Record<string, unknown>[];
  return { status: response.status, link: response.headers.get('link'), json };
}

const ofGate = () => media.registry.incarnation('gate') ?? 0;
/** Times in ms since `start`. */
async function add(from: number, to: number, camera = 'gate', more: object = {}): Promise<string> {
  const id = `seg_${camera}_${from}`;
  await media.store.write('segments.add', {
    incarnation: media.registry.incarnation(camera) ?? 0,
    segment: {
      id,
      path: `${camera}/${from}.mp4`,
      startTime: start + from,
      endTime: start + to,
      codec: 'h264',
      width: 640,
      height: 480,
      sizeBytes: 100,
    },
    live: null,
    ...more,
  });
  return id;
}

function sqlWrite(text: string, ...params: unknown[]): void {
  const db = openWriter(media.store.file);
  db.prepare(text).run(...params);
  db.close();
}

describe('segments', () => {
  test('come in pages that neither repeat nor leave out one, also where starts are equal', async () => {
    for (let index = 0; index < 5; index += 1) await add(index * minute, (index + 1) * minute);
    sqlWrite('UPDATE segments SET start_time = ? WHERE id = ?', start + minute, `seg_gate_${2 * minute}`);
    const found: unknown[] = [];
    let path: string | undefined = `/api/v1/cameras/gate/segments?from=${time(1)}&limit=2`;
    let pages = 0;
    while (path !== undefined) {
      const { status, link, json } = await call('GET', path);
      expect(status).toBe(200);
      found.push(...json.map((row) => row['id']));
      path = /^<([^>]+)>; rel="next"$/.exec(link ?? '')?.[1];
      pages += 1;
    }
    expect(found).toEqual([0, 2, 1, 3, 4].map((index) => `seg_gate_${index * minute}`));
    expect(pages).toBe(3);
  });

  test('are the newest without bounds, and lead nowhere', async () => {
    for (let index = 0; index < 3; index += 1) await add(index * minute, (index + 1) * minute);
    const { link, json } = await call('GET', '/api/v1/cameras/gate/segments?limit=2');
    expect(json.map((row) => row['start_time'])).toEqual([time(minute), time(2 * minute)].map(short));
    expect(link).toBeNull();
  });

  test('are locked while a lease is in force, and no longer', async () => {
    const id = await add(0, minute);
    const lease = (expiresAt: number) => {
      sqlWrite(`DELETE FROM leases`);
      sqlWrite(`INSERT INTO leases VALUES ('l', 'clip', ?, 0)`, expiresAt);
      sqlWrite(`INSERT INTO lease_segments VALUES (?, 'l')`, id);
    };
    const locked = async () => (await call('GET', '/api/v1/cameras/gate/segments')).json[0]?.['locked'];
    expect(await locked()).toBe(false);
    lease(Date.now() + 60_000);
    expect(await locked()).toBe(true);
    expect(await media.store.write('segments.prune', { ids: [id] })).toEqual([]);
    lease(Date.now() - 1);
    expect(await locked()).toBe(false);
    expect(await media.store.write('segments.prune', { ids: [id] })).toHaveLength(1);
  });

  test.each(['x', '1.x', '.seg_1'])('refuse the cursor %s', async (cursor) => {
    const { status, json } = await call('GET', `/api/v1/cameras/gate/segments?after=${cursor}`);
    expect(status).toBe(400);
    expect(json['error']).toContain('after');
  });
});

test('a timeline and its gaps are cut to the window, and a gap says why', async () => {
  await add(0, 10 * minute);
  await add(10 * minute + 2999, 20 * minute);
  await add(30 * minute, 40 * minute);
  const outage = (at: number, cause: 'camera_offline' | 'disk') =>
    media.store.write('outages.begin', { incarnation: ofGate(), at: start + at, cause });
  await outage(20 * minute, 'camera_offline');
  await outage(21 * minute, 'disk');
  await media.store.write('outages.end', { incarnation: ofGate(), at: start + 30 * minute });

  const window = `from=${time(5 * minute)}&to=${time(50 * minute)}`;
  const timeline = await call('GET', `/api/v1/cameras/gate/timeline?${window}`);
  expect(timeline.json).toMatchObject({
    ranges: [
      { start: short(time(5 * minute)), end: short(time(20 * minute)), seconds: 900 },
      { start: short(time(30 * minute)), end: short(time(40 * minute)), seconds: 600 },
    ],
    recorded_seconds: 1500,
    segment_count: 3,
  });
  const gaps = await call('GET', `/api/v1/cameras/gate/gaps?${window}`);
  expect(gaps.json).toMatchObject({
    gaps: [
      { start: short(time(20 * minute)), end: short(time(30 * minute)), seconds: 600, cause: 'disk' },
      { start: short(time(40 * minute)), seconds: 600, cause: null },
    ],
    gap_count: 2,
    total_gap_seconds: 1200,
  });
});

test('noted gaps are listed newest first, put back into the queue, and go with the footage around them', async () => {
  const gap = (id: string, from: number, to: number) => ({
    id: `gap_${id}`,
    startTime: start + from,
    endTime: start + to,
    cause: 'stalled' as const,
  });
  await add(0, minute);
  await add(5 * minute, 6 * minute, 'gate', { gaps: [gap('a', minute, 5 * minute)] });
  await add(9 * minute, 10 * minute, 'gate', { gaps: [gap('b', 6 * minute, 9 * minute)] });
  const { json } = await call('GET', '/api/v1/cameras/gate/recording-gaps');
  expect(json.map((row) => [row['id'], row['gap_seconds'], row['cause'], row['fill_state']])).toEqual([
    ['gap_b', 180, 'stalled', 'pending'],
    ['gap_a', 240, 'stalled', 'pending'],
  ]);
  sqlWrite(
    `UPDATE recording_gaps SET fill_state = 'failed', fill_attempts = 3, last_attempt_at = 1 WHERE id = 'gap_a'`,
  );
  const failed = async () => (await call('GET', '/api/v1/cameras/gate/recording-gaps?state=failed')).json;
  expect(await failed()).toMatchObject([{ id: 'gap_a', fill_attempts: 3 }]);
  const retried = await call('POST', '/api/v1/cameras/gate/recording-gaps/gap_a/retry');
  expect(retried).toMatchObject({
    status: 200,
    json: { fill_state: 'pending', fill_attempts: 0, last_attempt_at: null, filled_at: null },
  });
  expect(await failed()).toEqual([]);
  expect((await call('GET', '/api/v1/cameras/gate/recording-gaps?state=other')).json).toEqual([]);
  for (const path of ['gate/recording-gaps/gap_none', 'yard/recording-gaps/gap_a'])
    expect((await call('POST', `/api/v1/cameras/${path}/retry`)).status).toBe(404);

  await media.store.write('segments.prune', { ids: [`seg_gate_0`, `seg_gate_${5 * minute}`] });
  await pruneGaps(media);
  expect(media.sql('SELECT id FROM recording_gaps')).toEqual([]);
});

describe('evidence', () => {
  test('is held and released, counted, and kept from retention; the tag stays', async () => {
    const id = await add(0, minute);
    const hold = (body?: unknown) => call('POST', `/api/v1/segments/${id}/evidence-lock`, body);
    expect(await hold({ incident_id: '  theft 7 ' })).toMatchObject({
      status: 200,
      json: { id, evidence_locked: true, incident_id: 'theft 7' },
    });
    expect((await hold({})).json).toMatchObject({ evidence_locked: true, incident_id: 'theft 7' });
    expect((await hold({ incident_id: ' ' })).json['incident_id']).toBe('theft 7');
    expect((await hold()).status).toBe(415);
    expect(segmentTotalsOf(media.store.read, 'gate')).toMatchObject({ heldCount: 1, heldBytes: 100 });
    expect(await media.store.write('segments.prune', { ids: [id] })).toEqual([]);
    expect((await call('DELETE', `/api/v1/segments/${id}/evidence-lock`)).json).toMatchObject({
      evidence_locked: false,
      incident_id: 'theft 7',
    });
    expect(segmentTotalsOf(media.store.read, '')).toMatchObject({ heldCount: 0, heldBytes: 0 });
  });

  test('is tagged apart from being held', async () => {
    const id = await add(0, minute);
    const tag = (body: unknown) => call('PATCH', `/api/v1/segments/${id}/incident`, body);
    expect((await tag({ incident_id: 'x' })).json).toMatchObject({
      incident_id: 'x',
      evidence_locked: false,
    });
    expect((await tag({})).json['incident_id']).toBeNull();
  });

  test('is summed up by incident, that with the newest footage first', async () => {
    for (const [index, tag] of ['a/b', 'c', 'a/b'].entries()) {
      const id = await add(index * minute, (index + 1) * minute);
      await call('PATCH', `/api/v1/segments/${id}/incident`, { incident_id: tag });
    }
    expect((await call('GET', '/api/v1/incidents')).json).toEqual([
      {
        incident_id: 'a/b',
        segment_count: 2,
        total_bytes: 200,
        oldest_start: short(time(0)),
        newest_end: short(time(3 * minute)),
      },
      expect.objectContaining({ incident_id: 'c', segment_count: 1 }),
    ]);
    const segments = await call('GET', '/api/v1/incidents/a%2Fb/segments');
    expect(segments.json.map((row) => row['id'])).toEqual(['seg_gate_0', `seg_gate_${2 * minute}`]);
    expect((await call('GET', '/api/v1/incidents/none/segments')).json).toEqual([]);
  });

  test('of a foreign camera and of none answers alike', async () => {
    const foreign = await add(0, minute, 'yard');
    const answers = [];
    for (const id of [foreign, 'seg_none'])
      for (const [method, path, body] of [
        ['POST', 'evidence-lock', {}],
        ['DELETE', 'evidence-lock', undefined],
        ['PATCH', 'incident', {}],
      ] as const)
        answers.push(await call(method, `/api/v1/segments/${id}/${path}`, body));
    expect(new Set(answers.map(({ status, json }) => `${status} ${String(json['error'])}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(404);
  });
});

test('what is asked often is answered from an index', () => {
  const plan = (text: string) =>
    media
      .sql<{ detail: string }>(`EXPLAIN QUERY PLAN ${text}`)
      .map(({ detail }) => detail)
      .join('; ');
  expect(plan(`SELECT id FROM segments WHERE root = 'nas' AND root <> '' LIMIT 1`)).toContain(
    'segments_other_roots',
  );
  expect(
    plan(`SELECT max(end_time) FROM segments WHERE incident_id IS NOT NULL GROUP BY incident_id`),
  ).toContain('segments_incident');
  expect(plan(`SELECT end_time FROM segments WHERE end_time < 5 ORDER BY end_time DESC LIMIT 1`)).toContain(
    'segments_end (end_time<?)',
  );
  expect(
    plan(`SELECT * FROM recording_gaps WHERE camera_id = 'a' ORDER BY start_time DESC LIMIT 5`),
  ).toContain('camera_id=?');
  expect(
    plan(`SELECT * FROM garbage WHERE (kind, root, path) > ('a', '', 'b') ORDER BY kind, root, path LIMIT 5`),
  ).toMatch(/SEARCH garbage USING PRIMARY KEY[^;]*$/);
});

/** As the wire has it: no fraction where there is none. */
function short(iso: string): string {
  return iso.replace('.000Z', 'Z');
}
