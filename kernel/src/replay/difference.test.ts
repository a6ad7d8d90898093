import { expect, test } from 'vitest';
import { asUuid, derivedHex } from '../ids.ts';
import type { ConsumerEvent, Results, TableShape, Value } from '../store/results-queries.ts';
import { differenceOf } from './difference.ts';
import { timeOfId } from './id-time.ts';

const at = 1_767_225_600_000;
const idAt = (time: number, n: number) => asUuid(derivedHex(time, n));

function event(n: number, fields: Partial<ConsumerEvent> = {}): ConsumerEvent {
  return {
    id: idAt(at + n, n),
    consumer: 'visits',
    lane: 1,
    cause: 'record',
    causeAt: n,
    type: 'seen',
    cameraId: 'gate',
    siteId: null,
    severity: 'info',
    atMs: at + n,
    payload: `{"n":${n}}`,
    ...fields,
  };
}

interface Table extends Partial<TableShape> {
  readonly rows: readonly (readonly Value[])[];
}

function results(events: readonly ConsumerEvent[], tables: Readonly<Record<string, Table>> = {}): Results {
  const shapeOf = (name: string) => ({ columns: ['id', 'n'], key: ['id'], numbered: null, ...tables[name] });
  return {
    events: () => events.values(),
    event: (id) => events.find((other) => other.id === id),
    writtenTables: () => Object.keys(tables).map((name) => ({ name, inserts: true })),
    shapeOf,
    rows: (name) => ({ columns: shapeOf(name).columns, rows: tables[name]?.rows ?? [] }),
    parked: () => [],
  };
}

test('equal results have no difference', () => {
  const tables = { visits: { rows: [['a', 1]] } };
  expect(differenceOf(results([event(1)], tables), results([event(1)], tables))).toEqual({
    same: true,
    events: { same: 1, renumbered: 0, missing: [], extra: [], changed: [] },
    tables: [{ name: 'visits', same: 1, renumbered: 0, missing: [], extra: [], changed: [] }],
  });
});

test('events are missing, extra or changed by their ids', () => {
  const louder = event(3, { severity: 'critical' });
  const { same, events } = differenceOf(
    results([event(1), event(2), event(3)]),
    results([event(1), louder, event(4)]),
  );
  expect(same).toBe(false);
  expect(events).toEqual({
    same: 1,
    renumbered: 0,
    missing: [event(2)],
    extra: [event(4)],
    changed: [{ before: event(3), after: louder }],
  });
});

test('what says the same of the same cause under another id is neither missing nor extra, but not the same either', () => {
  const moved = { ...event(2), id: idAt(at + 2, 99) };
  const { same, events } = differenceOf(results([event(1), event(2)]), results([moved]));
  expect(same).toBe(false);
  expect(events).toEqual({ same: 0, renumbered: 1, missing: [event(1)], extra: [], changed: [] });
});

test('a range leaves out what is of another time, by the ids; what has none is compared', () => {
  const rows = { visits: { rows: [[`visit_${derivedHex(at + 9, 1)}`, 1] as const, ['free', 2] as const] } };
  const range = { from: at + 2, to: at + 3 };
  const { events, tables } = differenceOf(
    results(
      [1, 2, 3, 4].map((n) => event(n)),
      rows,
    ),
    results([]),
    range,
  );
  expect(events.missing.map(({ causeAt }) => causeAt)).toEqual([2, 3]);
  expect(tables[0]?.missing).toEqual([{ id: 'free', n: 2 }]);
});

test('rows that SQLite numbers are compared by what they say, however often they say it', () => {
  const shape = { columns: ['id', 'n'], key: [], numbered: 'id' };
  const before = {
    visits: {
      ...shape,
      rows: [
        [1, 7],
        [2, 7],
        [3, 8],
      ],
    },
  };
  const after = {
    visits: {
      ...shape,
      rows: [
        [5, 8],
        [6, 7],
        [7, 9],
      ],
    },
  };
  expect(differenceOf(results([], before), results([], after)).tables[0]).toMatchObject({
    same: 2,
    missing: [{ n: 7 }],
    extra: [{ n: 9 }],
    changed: [],
  });
});

test('columns of either side alone are changes; bytes and large integers are told apart', () => {
  const before = {
    visits: {
      rows: [
        ['a', new Uint8Array([1])],
        ['b', 2n ** 60n],
      ],
    },
  };
  const after = {
    visits: {
      columns: ['id', 'n', 'm'],
      rows: [
        ['a', new Uint8Array([2]), null],
        ['b', 2n ** 60n, null],
      ],
    },
  };
  expect(differenceOf(results([], before), results([], after)).tables[0]).toMatchObject({
    same: 0,
    changed: [
      { before: { id: 'a', n: { bytes: '01' } }, after: { id: 'a', n: { bytes: '02' }, m: null } },
      { before: { id: 'b', n: '1152921504606846976n' }, after: { id: 'b', m: null } },
    ],
  });
});

test('the time of an id is that of its first 48 bits, and null of what is none', () => {
  expect(timeOfId(idAt(at, 1))).toBe(at);
  expect(timeOfId(`visit_${derivedHex(at, 'x')}`)).toBe(at);
  for (const other of ['visit', 7, null, 'gate', '00000000-0000-0000-0000-000000000000'])
    expect(timeOfId(other)).toBeNull();
});
