/** Do rows, events and stills equal what an independent fold of the log says, crashes included? */
import type { Json } from '@heldar/plugin-sdk';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHost, type Host } from './one-process-host.ts';
import { type ExpectedEvent, foldZones } from './oracle.ts';

const start = Date.UTC(2026, 0, 31, 12) + 250;
const cameras = ['gate', 'yard'];

const polygons = [
  [[0, 0], [0.5, 0], [0.5, 1], [0, 1]],
  [[0.25, 0.25], [1, 0.25], [1, 0.75], [0.25, 0.75]],
  [[0, 0], [1, 0], [0.5, 0.5], [1, 1], [0, 1]],
]; // prettier-ignore

const oneOf = <Value>(...values: Value[]): fc.Arbitrary<Value> => fc.constantFrom(...values);

const zoneFields = {
  polygon: oneOf(...polygons),
  labels: oneOf<string[]>([], [], ['person'], [' person ', 'car', 'car']),
  dwell_seconds: oneOf(0, 0.5, 2, 30),
  severity: oneOf('info', 'warning', 'critical'),
  config: oneOf<Json>(
    {},
    { confirm_frames: 1 },
    { confirm_frames: 0 },
    { confirm_frames: 3 },
    { confirm_frames: 99 },
    'x',
  ),
  enabled: oneOf(true, true, true, false),
};
const coordinate = oneOf(0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.9);
const goodBox = fc.tuple(coordinate, coordinate).map(([x, y]): Json => [x, y, 0, 0]);
const detection = fc.record({
  label: oneOf('person', 'person', 'car', null, '\udfff'),
  confidence: oneOf(null, 0, 0.2, 0.9),
  bbox: fc.oneof({ weight: 9, arbitrary: goodBox }, oneOf<Json>(null, 'box', [0, 0, 1], [0, 0, null, 1])),
  track_id: oneOf('1', '1', '2', '2', '10', null, 'a\ud800', 'x'.repeat(513)),
  attributes: fc.constant({}),
});

const waitMs = fc.oneof(
  { weight: 12, arbitrary: oneOf(0, 50, 200, 750, 1000, 1300) },
  { weight: 1, arbitrary: oneOf(60_000, 119_000, 120_000, 121_000, 400_000) },
);
const camera = oneOf(...cameras);
const batch = fc.record({
  do: fc.constant('batch' as const),
  camera,
  waitMs,
  lagMs: oneOf(0, 0, 100, 2500, -4000),
  frame: fc.boolean(),
  detections: fc.array(detection, { maxLength: 5 }),
  crashes: oneOf(0, 0, 0, 1, 2),
});
const createZone = fc.record({
  do: fc.constant('create' as const),
  camera,
  body: fc.record({ name: oneOf('Yard', 'Gate'), ...zoneFields }),
});
const changeZone = fc.record({
  do: fc.constant('change' as const),
  which: fc.nat(),
  body: fc.record({ name: oneOf('Lane', ' '), ...zoneFields }, { requiredKeys: [] }),
});
const deleteZone = fc.record({ do: fc.constant('delete' as const), which: fc.nat() });
const deleteCamera = fc.record({ do: fc.constant('delete camera' as const), camera });
const action = fc.oneof(
  { weight: 40, arbitrary: batch },
  { weight: 3, arbitrary: createZone },
  { weight: 3, arbitrary: changeZone },
  { weight: 1, arbitrary: deleteZone },
  { weight: 1, arbitrary: deleteCamera },
);
type Action = (typeof action extends fc.Arbitrary<infer Value> ? Value : never) | { do: 'none' };

function perform(host: Host, step: Action): void {
  const all = host.sqlite.prepare('SELECT id FROM zones_zones ORDER BY id').pluck().all() as string[];
  const chosen = 'which' in step ? all[step.which % all.length] : undefined;
  switch (step.do) {
    case 'batch': {
      host.now += step.waitMs;
      const body = { detections: step.detections, frame: step.frame ? { capturedAt: host.now } : null };
      const { camera: cameraId, crashes } = step;
      host.append({ kind: 'batch', type: 'detection', cameraId, at: host.now - step.lagMs, body }, crashes);
      return;
    }
    case 'create':
      host.call('POST', '/api/v1/cameras/:id/zones', { params: { id: step.camera }, body: step.body });
      return;
    case 'change':
      if (chosen === undefined) return;
      host.call('PATCH', '/api/v1/zones/:zone_id', { params: { zone_id: chosen }, body: step.body });
      return;
    case 'delete':
      if (chosen === undefined) return;
      host.call('DELETE', '/api/v1/zones/:zone_id', { params: { zone_id: chosen } });
      return;
    case 'delete camera': {
      const { camera: cameraId } = step;
      // A new camera under the same id cannot exist within the same millisecond.
      host.append({
        kind: 'record',
        type: 'camera.deleted',
        cameraId,
        at: host.now,
        body: { camera_id: cameraId },
      });
      host.now += 1;
      return;
    }
    case 'none':
  }
}

/** Rows as the fold tells them, with what it cannot know checked and taken off. */
function storedEvents(host: Host, cameraId: string): ExpectedEvent[] {
  const rows = host.sqlite
    .prepare('SELECT * FROM zones_events WHERE camera_id = ? ORDER BY rowid')
    .all(cameraId) as (Omit<ExpectedEvent, 'evidence' | 'severity'> & {
    id: string;
    evidence_path: string | null;
  })[];
  const journal = host.journal.filter((event) => event.cameraId === cameraId).slice(-rows.length);
  return rows.map(({ id, evidence_path: path, ...row }, index) => {
    const file = `zoneevt_${id}.jpg`;
    expect([null, `/media/snapshots/${file}`]).toContain(path);
    expect(host.kept.includes(file)).toBe(path !== null);
    expect(journal[index]).toMatchObject({
      type: `zone_${row.event_type}`,
      timestamp: row.at_ms,
      payload: {
        zone_id: row.zone_id,
        zone: row.zone_name,
        track_id: row.track_id,
        label: row.label,
        dwell_seconds: row.dwell_seconds,
        evidence: path,
      },
    });
    return { ...row, evidence: path !== null, severity: journal[index]?.severity ?? 'none' };
  });
}

function storedZones(host: Host): unknown[] {
  const rows = host.sqlite.prepare('SELECT * FROM zones_zones ORDER BY id').all() as {
    [column: string]: unknown;
  }[];
  return rows.map((row) => ({
    ...row,
    polygon: JSON.parse(String(row['polygon'])) as unknown,
    labels: JSON.parse(String(row['labels'])) as unknown,
    config: JSON.parse(String(row['config'])) as unknown,
    enabled: row['enabled'] === 1,
  }));
}

test('every row and every event is what the log says', () => {
  const story = { enter: 0, dwell: 0, exit: 0, lost: 0, stills: 0, zones: 0 };
  const first = fc.tuple(createZone, createZone, createZone);
  fc.assert(
    fc.property(first, fc.array(action, { minLength: 40, maxLength: 150, size: 'max' }), (zones, steps) => {
      const host = createHost(cameras, start);
      try {
        for (const step of [...zones, ...steps]) perform(host, step);
        const until = host.now + 125_000;
        host.ticksUntil(until);

        const expected = foldZones(host.log, { ticksUntil: until });
        expect(storedZones(host)).toEqual(expected.zones);
        for (const cameraId of cameras) {
          const events = expected.events.filter((event) => event.camera_id === cameraId);
          expect(storedEvents(host, cameraId)).toEqual(events);
        }
        for (const event of expected.events) {
          story[event.event_type] += 1;
          story.lost += Number(event.event_type === 'exit' && event.at_ms % 1000 === 0);
          story.stills += Number(event.evidence);
        }
        story.zones += expected.zones.length;
        for (const cameraId of cameras) {
          const tracks = [...host.stateOf(cameraId).keys()].filter((key) => key.startsWith('track'));
          expect(tracks).toEqual([]);
        }
      } finally {
        host.close();
      }
    }),
    { numRuns: 200 },
  );
  // The logs told enough for the comparison to mean something.
  expect(Math.min(...Object.values(story))).toBeGreaterThan(100);
});

/** Everything the plugin left behind. */
function dump(host: Host): unknown {
  return {
    rows: host.sqlite.prepare('SELECT * FROM zones_events ORDER BY rowid').all(),
    journal: host.journal,
    state: cameras.map((cameraId) => Object.fromEntries(host.stateOf(cameraId))),
  };
}

test('the same log with other crashes leaves the same rows and the same state, byte for byte', () => {
  const first = fc.tuple(createZone, createZone);
  fc.assert(
    fc.property(first, fc.array(action, { maxLength: 60 }), (zones, steps) => {
      const [smooth, rough] = [createHost(cameras, start), createHost(cameras, start)];
      for (const step of [...zones, ...steps]) {
        perform(smooth, step.do === 'batch' ? { ...step, crashes: 0 } : step);
        perform(rough, step.do === 'batch' ? { ...step, crashes: 2 } : step);
      }
      expect(dump(rough)).toEqual(dump(smooth));
      smooth.close();
      rough.close();
    }),
    { numRuns: 50 },
  );
});

test('more than 4096 tracks: those unseen longest are forgotten, with exits, and a warning counts them', () => {
  const host = createHost(cameras, start);
  const config = { confirm_frames: 1 };
  host.call('POST', '/api/v1/cameras/:id/zones', {
    params: { id: 'gate' },
    body: { name: 'Yard', polygon: polygons[0] ?? [], config },
  });
  let count = 0;
  const addTracks = (more: number): void => {
    const detections = Array.from({ length: more }, () => ({
      label: 'person',
      confidence: 1,
      bbox: [0.1, 0.1, 0.1, 0.1],
      track_id: `track ${(count += 1)}`,
      attributes: {},
    }));
    host.now += 700;
    host.append({ kind: 'batch', type: 'detection', cameraId: 'gate', at: host.now, body: { detections } });
  };
  const exits = (): number =>
    storedEvents(host, 'gate').filter((event) => event.event_type === 'exit').length;

  for (const more of [1000, 1000, 1000, 1000, 96]) addTracks(more);
  expect(exits()).toBe(0);
  addTracks(1);
  expect(exits()).toBe(4097 - 3584);
  expect(host.warnings).toMatchObject([{ cameraId: 'gate', evicted: 4097 - 3584 }]);
  expect(storedEvents(host, 'gate')).toEqual(foldZones(host.log, { ticksUntil: 0 }).events);
  host.close();
});

test('the fold needs no clock of its own: ticks may end at another time for each camera', () => {
  const host = createHost(cameras, start);
  for (const id of cameras) {
    host.call('POST', '/api/v1/cameras/:id/zones', {
      params: { id },
      body: { name: 'Yard', polygon: polygons[0] ?? [] },
    });
    for (const at of [0, 100]) {
      host.now = start + at;
      const detections = [
        { label: 'car', confidence: 1, bbox: [0.1, 0.1, 0.1, 0.1], track_id: '1', attributes: {} },
      ];
      host.append({ kind: 'batch', type: 'detection', cameraId: id, at: host.now, body: { detections } });
    }
  }
  const ticksUntil = new Map([['gate', start + 125_000]]);
  const { events } = foldZones(host.log, { ticksUntil });
  expect(events.map((event) => `${event.camera_id} ${event.event_type}`)).toEqual([
    'gate enter',
    'gate exit',
    'yard enter',
  ]);
  host.close();
});
