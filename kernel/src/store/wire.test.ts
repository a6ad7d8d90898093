import { expect, test } from 'vitest';
import type { BatchUnit, Unit } from './units.ts';
import { packGroup, unpackGroup } from './wire.ts';

const batch = (n: number): BatchUnit => ({
  kind: 'batch',
  incarnation: n,
  siteId: n % 2 === 0 ? null : 'site',
  taskType: 'people',
  frameId: n % 3 === 0 ? null : `f${n}`,
  atMs: n * 1000,
  atNs: n,
  n,
  body: '{"detections":[]}',
  labels: n % 2 === 0 ? [] : ['person', 'car'],
  event:
    n === 2
      ? {
          id: 'e',
          cameraId: 'gate',
          siteId: null,
          type: 't',
          severity: 'info',
          atMs: 1,
          payload: '{}',
          source: 'worker',
        }
      : null,
});

test('a group crosses whole and in order, batches among other units', () => {
  const drop: Unit = { kind: 'call', name: 'parked.drop', args: { id: 'x' } };
  const units = [batch(1), drop, batch(2), batch(3), drop].map((unit, index) => ({
    unit,
    received: index + 10,
  }));
  expect(unpackGroup(structuredClone(packGroup({ id: 7, units })))).toEqual({ id: 7, units });
});
