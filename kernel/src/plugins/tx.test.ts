import { sql, z } from '@heldar/plugin-sdk';
import { expect, test } from 'vitest';
import { createEventTypes } from './event-types.ts';
import { recordTx } from './tx.ts';

const now = Date.UTC(2026, 0, 1);

function record() {
  return recordTx(
    {
      plugin: 'parking',
      events: createEventTypes('parking', { overstay: z.object({ plate: z.string() }) }),
      recordTypes: new Set(['lot']),
      records: { lot: z.object({ size: z.number() }) },
      siteOf: (cameraId) => (cameraId === 'gate' ? 'north' : null),
    },
    now,
  );
}

test('nothing asked for is no unit', () => {
  expect(record().unit()).toBeNull();
});

test('what is asked for becomes one unit, in order', () => {
  const { tx, unit } = record();
  tx.write(sql`delete from parking_visits where id = ${'v1'}`, { expectChanges: 1 });
  const id = tx.emit(
    'overstay',
    { plate: 'ABC1' },
    { cameraId: 'gate', severity: 'warning', timestamp: 5.7 },
  );
  tx.record('lot', { size: 3, extra: true }, { cameraId: null });
  expect(tx.now).toBe(now);
  expect(tx.id('visit')).toMatch(/^visit_[0-9a-f]{32}$/);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
  expect(unit()).toEqual({
    kind: 'change',
    plugin: 'parking',
    audit: [],
    writes: [{ sql: 'delete from parking_visits where id = ?', params: ['v1'], expectChanges: 1 }],
    events: [
      {
        id,
        cameraId: 'gate',
        siteId: 'north',
        type: 'parking.overstay',
        severity: 'warning',
        atMs: 5,
        payload: '{"plate":"ABC1"}',
        source: 'parking',
      },
    ],
    records: [{ type: 'parking.lot', cameraId: null, payload: '{"size":3}' }],
  });
});

test('an event is about no camera and now, unless it says otherwise', () => {
  const { tx, unit } = record();
  tx.emit('overstay', { plate: 'ABC1' });
  expect(unit()?.events).toMatchObject([{ cameraId: null, siteId: null, severity: 'info', atMs: now }]);
});

test('records the manifest does not declare, or of another shape, are refused', () => {
  const { tx } = record();
  expect(() => tx.record('lots', {}, { cameraId: null })).toThrow(
    "parking records 'lots', which its manifest does not declare; add it to 'records' in definePlugin",
  );
  expect(() => tx.record('lot', { size: 'big' }, { cameraId: null })).toThrow(
    "parking: payload of record 'lot', size: Invalid input: expected number, received string",
  );
});

test('after the call every use is refused, by name', () => {
  const { tx, unit } = record();
  unit();
  for (const use of [
    () => tx.write(sql`delete from parking_visits`),
    () => tx.emit('overstay', { plate: 'A' }),
    () => tx.record('lot', { size: 1 }, { cameraId: null }),
  ])
    expect(use).toThrow(/^parking used tx\.(write|emit|record) after its call had ended; await everything/);
});
