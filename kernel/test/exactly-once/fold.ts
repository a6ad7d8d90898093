/**
 * Do all tables, events and states equal what the log says? A program of its own: `node fold.ts <data folder> [<ticks until>]` reads the
 * log, tells naively what must have come of it, and compares. Prints a summary as JSON, each difference on standard error, and ends with 1
 * when there are any. `ticks until`: log time in ms until which the kernel surely ran; default: what the lanes say.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { compareNotes, foldAlarms } from './fold/alarms.ts';
import { foldBeat } from './fold/beat.ts';
import { compareOrder, compareRows, type Compared } from './fold/compare.ts';
import type { Folded, FoldedEvent, Row, StateRow } from './fold/folded.ts';
import { foldGrowth } from './fold/growth.ts';
import { foldLedger } from './fold/ledger.ts';
import { detectionsOf, readLog, type FoldLog } from './fold/log.ts';
import { foldMeter } from './fold/meter.ts';
import { foldPulse } from './fold/pulse.ts';
import type { FoldSummary } from './fold/summary.ts';
import { foldTracker } from './fold/tracker.ts';
import { foldZonesPlugin } from './fold/zones.ts';

const [folder = '', ticksUntil = '0'] = process.argv.slice(2);
const db = new Database(join(folder, 'heldar.db'), { readonly: true, fileMustExist: true });
const log = readLog(db, Number(ticksUntil));
const journal = db.prepare('SELECT id FROM events ORDER BY seq').pluck().all() as string[];
const zones = foldZonesPlugin(log);
const alarms = foldAlarms(log, zones.events ?? [], journal);
const steps = readdirSync(join(folder, 'growth')).filter((file) => file.endsWith('.sql')).length;
const folded = [
  zones,
  foldTracker(log),
  foldLedger(log),
  alarms,
  foldMeter(log),
  foldPulse(log),
  foldBeat(log),
  foldGrowth(steps),
];
const compared: readonly Compared[] = [
  ...compareTables(folded),
  ...compareEvents(folded),
  compareState(folded),
  compareParked(folded),
  compareLabels(log),
  compareNotes(log, alarms),
];
for (const { lines } of compared) for (const line of lines) process.stderr.write(`${line}\n`);
const comparisons = compared.map(({ what, expected, actual, differing }) => ({
  what,
  expected,
  actual,
  differing,
}));
process.stdout.write(
  `${JSON.stringify({ records: log.records.length, comparisons } satisfies FoldSummary)}\n`,
);
process.exitCode = compared.every(({ differing }) => differing === 0) ? 0 : 1;

/** Every table of a plugin, told of or not. */
function compareTables(tellings: readonly Folded[]): Compared[] {
  const told = new Map(
    tellings.flatMap((telling) =>
      Object.entries(telling.tables).map(([name, rows]) => [name, { telling, rows }]),
    ),
  );
  const prefixes = new Set([...told.keys()].map((table) => table.replace(/_.*/, '_')));
  const existing = (
    db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).pluck().all() as string[]
  ).filter((table) => prefixes.has(table.replace(/_.*/, '_')));
  return [...new Set([...told.keys(), ...existing])].map((table) => {
    const { telling, rows: expected } = told.get(table) ?? { telling: null, rows: [] };
    const actual = existing.includes(table) ? (db.prepare(`SELECT * FROM ${table}`).all() as Row[]) : [];
    const decoded = actual.map((row) => decode(row, telling?.json, telling?.booleans));
    return compareRows(table, expected, decoded);
  });
}

function decode(row: Row, json: readonly string[] = [], booleans: readonly string[] = []): Row {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => {
      if (json.includes(column)) return [column, JSON.parse(String(value)) as unknown];
      return [column, booleans.includes(column) ? value === 1 : value];
    }),
  );
}

/** All but those of workers, which are not in the log. */
function compareEvents(tellings: readonly Folded[]): Compared[] {
  const columns = 'id, camera_id, site_id, event_type, severity, at_ms, payload, source';
  const rows = db.prepare(`SELECT ${columns} FROM events WHERE source <> 'worker'`).all() as Row[];
  const lanes: readonly (readonly FoldedEvent[])[] = tellings.flatMap(({ events = [] }) => events);
  const positionOf = new Map(journal.map((id, position) => [id, position]));
  const expected = lanes.flat().map((event) => ({ ...event, site_id: null }));
  const actual = rows.map((row) => decode(row, ['payload']));
  return [compareRows('events', expected, actual), ...lanes.map((lane) => compareOrder(lane, positionOf))];
}

function compareState(tellings: readonly Folded[]): Compared {
  const rows = db
    .prepare(
      `SELECT plugin, name AS consumer, lane, key, value FROM consumer_state JOIN consumers ON id = consumer_id`,
    )
    .all() as StateRow[];
  const actual = rows.filter((row) => !tellings.some(({ isUntold }) => isUntold?.(row)));
  const expected = tellings.flatMap(({ state = [] }) => state);
  return compareRows(
    'state',
    expected,
    actual.map((row) => decode(row, ['value'])),
  );
}

function compareParked(tellings: readonly Folded[]): Compared {
  const actual = db
    .prepare(
      `SELECT plugin, name AS consumer, lane, parked.kind, seq FROM parked JOIN consumers ON consumers.id = consumer_id`,
    )
    .all() as Row[];
  const expected = tellings.flatMap(({ parked = [] }) => parked);
  return compareRows('parked', expected, actual);
}

/** The kernel's own index of labels. */
function compareLabels({ records }: FoldLog): Compared {
  const expected = records.flatMap((record) => {
    const labels = record.kind === 'batch' ? new Set(detectionsOf(record).map(({ label }) => label)) : [];
    const { incarnation, at: at_ms, seq } = record;
    return [...labels].flatMap((label) => (label === null ? [] : [{ incarnation, label, at_ms, seq }]));
  });
  const actual = db.prepare('SELECT incarnation, label, at_ms, seq FROM log_labels').all() as Row[];
  return compareRows('log_labels', expected, actual);
}
