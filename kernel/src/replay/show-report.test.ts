import { expect, test } from 'vitest';
import type { ConsumerEvent } from '../store/results-queries.ts';
import type { ReplayReport } from './report.ts';
import { showReport } from './show-report.ts';

const nothing = { same: 0, renumbered: 0, missing: [], extra: [], changed: [] };
const report: ReplayReport = {
  plugin: 'parking',
  version: '1.2.0',
  firstAt: Date.UTC(2026, 0, 1),
  lastAt: Date.UTC(2026, 0, 2),
  records: 10_001,
  batches: 10_000,
  calls: 10_000,
  consumers: ['visits'],
  elapsedMs: 500,
  fingerprint: 'f00d',
  events: { 'parking.overstay': 2 },
  rows: { parking_visits: 1 },
  parked: 0,
  difference: null,
  notes: [],
};

function overstay(n: number, payload: string): ConsumerEvent {
  return {
    id: `id-${n}`,
    consumer: 'visits',
    lane: 0,
    cause: 'tick',
    causeAt: n,
    type: 'parking.overstay',
    cameraId: null,
    siteId: null,
    severity: 'info',
    atMs: Date.UTC(2026, 0, 1, 0, 0, n),
    payload,
  };
}

test('without something to compare with it says what came of it', () => {
  expect(showReport(report)).toBe(
    `parking 1.2.0 over 10,000 batches and 1 control record, 2026-01-01T00:00:00.000Z – 2026-01-02T00:00:00.000Z (0.5 s, 20,000 batches/s)

events  parking.overstay  2
table parking_visits  1 row
fingerprint  f00d
`,
  );
});

test('each difference is a line, a change says what became what, and notes follow', () => {
  const events = {
    same: 7,
    renumbered: 3,
    missing: [overstay(1, '{}')],
    extra: Array.from({ length: 22 }, (_, n) => overstay(n, '{}')),
    changed: [{ before: overstay(5, '{"minutes":5}'), after: overstay(5, '{"minutes":4}') }],
  };
  const text = showReport({
    ...report,
    difference: {
      same: false,
      events,
      tables: [{ name: 'parking_visits', ...nothing, missing: [{ id: 'v', plate: 'A' }] }],
    },
    notes: ['the log was pruned'],
  });
  expect(text).toContain(
    'events  7 the same, 3 under another id, 1 only in production, 22 only in the replay, 1 changed\n',
  );
  expect(text).toContain('  - 2026-01-01T00:00:01.000Z parking.overstay no camera {} (id-1)\n');
  expect(text).toContain('    … and 2 more; --json lists all\n');
  expect(text).toContain('      payload.minutes: 5 → 4\n');
  expect(text).toContain(
    'table parking_visits  0 the same, 1 only in production\n  - {"id":"v","plate":"A"}\n',
  );
  expect(text).toMatch(/✖ not what production recorded\n {2}note: the log was pruned\n$/);
});
