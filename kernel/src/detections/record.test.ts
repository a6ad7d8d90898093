/** Is what consumers are handed the record of the log, and can none of them change it for the others? */
import { expect, test } from 'vitest';
import type { LogRow } from '../store/log-queries.ts';
import { freezeDeep, parseLogRow } from './record.ts';

const detection = {
  label: 'person',
  confidence: 0.5,
  bbox: [0, 0, 1, 1],
  track_id: '7',
  attributes: { a: [{}] },
};
const batchRow: LogRow = {
  seq: 5,
  kind: 'batch',
  incarnation: 2,
  camera_id: 'gate',
  site_id: 'hq',
  type: 'people',
  frame_id: '',
  at_ms: -1,
  received: 1000,
  body: JSON.stringify({ detections: [detection], frame: { captured_at: 900 } }),
};

test('a batch is told with its camera, times and frame', () => {
  expect(parseLogRow(batchRow)).toEqual({
    kind: 'batch',
    seq: 5,
    incarnation: 2,
    received: 1000,
    batch: {
      seq: 5,
      cameraId: 'gate',
      siteId: 'hq',
      taskType: 'people',
      frameId: '',
      timestamp: -1,
      received: 1000,
      frame: { capturedAt: 900 },
      detections: [detection],
    },
  });
  const withoutFrame = { ...batchRow, frame_id: null, body: '{"detections":[],"frame":null}' };
  expect(parseLogRow(withoutFrame)).toMatchObject({ batch: { frameId: null, frame: null, detections: [] } });
});

test('a control record is told with its payload, also one about no camera', () => {
  const row = { ...batchRow, kind: 'record' as const, type: 'zones.zone_changed', body: '{"zone_id":"z"}' };
  const record = {
    seq: 5,
    type: 'zones.zone_changed',
    cameraId: 'gate',
    received: 1000,
    payload: { zone_id: 'z' },
  };
  expect(parseLogRow(row)).toEqual({ kind: 'record', seq: 5, incarnation: 2, received: 1000, record });
  expect(parseLogRow({ ...row, incarnation: null, camera_id: null, body: 'null' })).toMatchObject({
    incarnation: null,
    record: { cameraId: null, payload: null },
  });
});

test('of a batch that was emptied, or whose camera is unknown, nothing is told', () => {
  expect(parseLogRow({ ...batchRow, body: null })).toBeNull();
  expect(parseLogRow({ ...batchRow, camera_id: null })).toBeNull();
});

test('all of it is frozen, down to the last member', () => {
  const record = parseLogRow(batchRow);
  const batch = record?.kind === 'batch' ? record.batch : null;
  const [found] = batch?.detections ?? [];
  const list = found?.attributes['a'] as [object] | undefined;
  for (const part of [batch, batch?.frame, batch?.detections, found, found?.bbox, list, list?.[0]]) {
    expect(part).toBeTypeOf('object');
    expect(Object.isFrozen(part)).toBe(true);
  }
});

test('freezing answers the same value, whatever it is', () => {
  const own = JSON.parse('{"__proto__":{"a":{}},"list":[[{}]]}') as { list: object[][] };
  for (const value of [null, 1, '', true, own, own.list]) expect(freezeDeep(value)).toBe(value);
  expect(Object.isFrozen(own.list[0]?.[0])).toBe(true);
  const proto = Object.getOwnPropertyDescriptor(own, '__proto__')?.value as { a: object };
  expect(Object.isFrozen(proto.a)).toBe(true);
  expect(Object.isFrozen(Object.prototype)).toBe(false);
});
