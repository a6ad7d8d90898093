/** Do the routes answer what they promise, over real SQLite? */
import type { Json } from '@heldar/plugin-sdk';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createHost, type Host } from './one-process-host.ts';

const start = Date.UTC(2026, 0, 31, 12);
const zonesOf = '/api/v1/cameras/:id/zones';
const oneZone = '/api/v1/zones/:zone_id';
const eventsOf = '/api/v1/cameras/:id/zone-events';
const square = [[0, 0], [1, 0], [1, 1], [0, 1]]; // prettier-ignore

let host: Host;
beforeEach(() => {
  host = createHost(['gate', 'yard'], start);
});
afterEach(() => host.close());

interface ZoneAnswer {
  readonly id: string;
  readonly name: string;
  readonly updated_at: string;
}

function create(fields: { readonly [member: string]: Json } = {}, cameraId = 'gate'): ZoneAnswer {
  const body = { name: 'Yard', polygon: square, ...fields };
  return host.call('POST', zonesOf, { params: { id: cameraId }, body }).body as ZoneAnswer;
}

interface EventAnswer {
  readonly id: string;
  readonly event_type: string;
  readonly timestamp: string;
}
interface Query {
  readonly [name: string]: string;
}

function events(query: Query = {}, id = 'gate'): EventAnswer[] {
  return host.call('GET', eventsOf, { params: { id }, query }).body as EventAnswer[];
}

/** When the listed events happened, in seconds since `start`. */
function seconds(query: Query): number[] {
  return events(query).map(({ timestamp }) => (Date.parse(timestamp) - start) / 1000);
}

function sighting(at: number, bbox: Json, trackId = '1', cameraId = 'gate'): void {
  host.now = start + at;
  const detections = [{ label: 'person', confidence: 0.9, bbox, track_id: trackId, attributes: {} }];
  const body = { detections, frame: { capturedAt: host.now } };
  host.append({ kind: 'batch', type: 'detection', cameraId, at: host.now, body });
}

test('a created zone is answered whole, with 201 and times in RFC 3339', () => {
  const { status, body } = host.call('POST', zonesOf, {
    params: { id: 'gate' },
    body: {
      name: 'Yard',
      polygon: square,
      dwell_seconds: 5,
      labels: [' person'],
      config: { confirm_frames: 1 },
    },
  });
  expect(status).toBe(201);
  expect(body).toEqual({
    id: expect.stringMatching(/^zone_\w{32}$/) as string,
    camera_id: 'gate',
    name: 'Yard',
    kind: 'region',
    polygon: square,
    dwell_seconds: 5,
    labels: ['person'],
    severity: 'info',
    config: { confirm_frames: 1 },
    enabled: true,
    created_at: '2026-01-31T12:00:00Z',
    updated_at: '2026-01-31T12:00:00Z',
  });
});

test('zones are listed oldest first, enabled or not, of this camera only', () => {
  create({ name: 'first', enabled: false });
  create({ name: 'elsewhere' }, 'yard');
  host.now += 1;
  create({ name: 'second' });
  const { status, body } = host.call('GET', zonesOf, { params: { id: 'gate' } });
  expect(status).toBe(200);
  expect((body as ZoneAnswer[]).map(({ name }) => name)).toEqual(['first', 'second']);
});

test('zones of the same age are listed by id, whatever order they were stored in', () => {
  for (const [id, createdAt] of [
    ['zone_c', 5],
    ['zone_a', 5],
    ['zone_b', 4],
  ]) {
    create({ name: String(id) });
    host.sqlite
      .prepare('UPDATE zones_zones SET created_at = ?, id = ? WHERE name = ?')
      .run(createdAt, id, id);
  }
  const { body } = host.call('GET', zonesOf, { params: { id: 'gate' } });
  expect((body as ZoneAnswer[]).map(({ id }) => id)).toEqual(['zone_b', 'zone_a', 'zone_c']);
});

test('a change merges, and its time moves even within one millisecond', () => {
  const zone = create({ kind: 'red' });
  const answer = host.call('PATCH', oneZone, {
    params: { zone_id: zone.id },
    body: { name: 'Lane', kind: null },
  });
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({ ...zone, name: 'Lane', updated_at: '2026-01-31T12:00:00.001Z' });
  expect(host.call('GET', zonesOf, { params: { id: 'gate' } }).body).toEqual([answer.body]);
});

test('of two edits at the same time one is refused, and neither vanishes silently', () => {
  const zone = create();
  const change = (name: string, meanwhile?: () => void): void => {
    host.call('PATCH', oneZone, {
      params: { zone_id: zone.id },
      body: { name },
      ...(meanwhile && { meanwhile }),
    });
  };
  expect(() => change('late', () => change('early'))).toThrow('conflict');
  expect(host.call('GET', zonesOf, { params: { id: 'gate' } }).body).toMatchObject([{ name: 'early' }]);
  expect(host.log).toHaveLength(2);
});

test('a deleted zone is gone, answers 204, and its events stay', () => {
  const zone = create({ config: { confirm_frames: 1 } });
  sighting(100, [0.4, 0.4, 0.2, 0.2]);
  expect(host.call('DELETE', oneZone, { params: { zone_id: zone.id } })).toEqual({
    status: 204,
    body: undefined,
  });
  expect(host.call('GET', zonesOf, { params: { id: 'gate' } }).body).toEqual([]);
  expect(events()).toHaveLength(1);
  host.ticksUntil(start + 130_000);
  expect(events().map(({ event_type: type }) => type)).toEqual(['exit', 'enter']);
});

test('a zone that does not exist, or of a camera the caller may not see, is not found', () => {
  const zone = create();
  const ghost = { params: { zone_id: `zone_${'0'.repeat(31)}x` } };
  const hidden = { params: { zone_id: zone.id }, cameras: ['yard'] };
  for (const request of [ghost, hidden]) {
    expect(() => host.call('PATCH', oneZone, { ...request, body: {} })).toThrow('zone not found');
    expect(() => host.call('DELETE', oneZone, request)).toThrow('zone not found');
  }
});

test('a camera takes 256 zones', () => {
  for (let count = 0; count < 256; count += 1) create();
  expect(() => create()).toThrow(/256 zones/);
  create({}, 'yard');
});

test('zone events are answered whole, newest first', () => {
  const zone = create({ dwell_seconds: 2, severity: 'warning' });
  sighting(0, [0.4, 0.4, 0.2, 0.2]);
  sighting(250, [0.4, 0.4, 0.2, 0.2]);
  sighting(2250, [0.4, 0.4, 0.2, 0.2]);
  const [dwell, enter] = events();
  expect(dwell).toMatchObject({ event_type: 'dwell', dwell_seconds: 2, evidence_path: null });
  expect(enter).toEqual({
    id: expect.stringMatching(/^zev_/) as string,
    camera_id: 'gate',
    zone_id: zone.id,
    zone_name: 'Yard',
    track_id: '1',
    event_type: 'enter',
    label: 'person',
    timestamp: '2026-01-31T12:00:00.250Z',
    dwell_seconds: null,
    evidence_path: `/media/snapshots/zoneevt_${enter?.id}.jpg`,
    created_at: '2026-01-31T12:00:00.250Z',
  });
});

test('zone events are filtered by time (bounds included), zone and type, and limited', () => {
  const zone = create({ config: { confirm_frames: 1 } });
  const other = create({ config: { confirm_frames: 1 }, polygon: [[0, 0], [0.5, 0], [0.5, 1], [0, 1]] }); // prettier-ignore
  sighting(1000, [0.6, 0.4, 0.2, 0.2]);
  sighting(2000, [0.2, 0.4, 0.2, 0.2]);
  sighting(3000, [0.6, 0.4, 0.2, 0.2]);
  sighting(4000, [0.6, 0.4, 0.2, 0.2], '1', 'yard');

  expect(seconds({})).toEqual([3, 2, 1]);
  expect(seconds({ zone_id: zone.id })).toEqual([1]);
  expect(seconds({ zone_id: other.id, event_type: 'exit' })).toEqual([3]);
  expect(seconds({ event_type: 'stroll' })).toEqual([]);
  expect(seconds({ from: '2026-01-31T12:00:02Z', to: '2026-01-31T12:00:02Z' })).toEqual([2]);
  expect(seconds({ from: '2026-01-31T12:00:02.000000001Z' })).toEqual([3]);
  expect(seconds({ to: '2026-01-31T14:00:01.999999+02:00' })).toEqual([1]);
  expect(seconds({ limit: '2' })).toEqual([3, 2]);
  expect(seconds({ limit: '0' })).toEqual([3]);
  expect(seconds({ limit: '-7' })).toEqual([3]);
  expect(seconds({ limit: '99999999999' })).toEqual([3, 2, 1]);
});

test('a bound that is no time is refused by name, and told how to write a plus sign', () => {
  for (const text of ['', 'today', '2026-01-31T12:00:00', '2026-01-31T12:00:00 02:00']) {
    expect(() => events({ from: text })).toThrow(/^from: .*%2B/);
    expect(() => events({ to: text })).toThrow(/^to: .*%2B/);
  }
});

test('a limit that is no whole number is refused with the decoding of the request', () => {
  for (const text of ['', 'many', '1.5', '1e3', '0x10', ' 5']) {
    expect(() => events({ limit: text })).toThrow(/invalid_type.*expected a whole number.*limit/);
  }
});

test('rows of a deleted camera go, those of other cameras and of its successor stay', () => {
  create({ config: { confirm_frames: 1 } });
  create({ config: { confirm_frames: 1 } }, 'yard');
  sighting(100, [0.4, 0.4, 0.2, 0.2]);
  sighting(100, [0.4, 0.4, 0.2, 0.2], '1', 'yard');
  host.now += 1000;
  host.append({
    kind: 'record',
    type: 'camera.deleted',
    cameraId: 'gate',
    at: host.now,
    body: { camera_id: 'gate' },
  });
  expect(host.call('GET', zonesOf, { params: { id: 'gate' } }).body).toEqual([]);
  expect(events()).toEqual([]);
  expect(events({}, 'yard')).toHaveLength(1);
  host.now += 1;
  create();
  expect(host.call('GET', zonesOf, { params: { id: 'gate' } }).body).toHaveLength(1);
});
