/** Does the copy of a plugin's part of the store bring back all of it, and touch nothing else? */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../clock.ts';
import { openWriter, type SqliteDatabase } from '../database.ts';
import { kernelMigrations } from '../kernel-migrations.ts';
import { migrate } from './migrate.ts';
import { addToLedger } from './ledger.ts';
import { removeSnapshot, restoreSnapshot, takeSnapshot } from './plugin-snapshot.ts';

let db: SqliteDatabase;
let file: string;

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'heldar-snapshot-'));
  db = openWriter(join(folder, 'heldar.db'));
  file = join(folder, 'deep/shop.db');
  onTestFinished(() => {
    db.close();
    rmSync(folder, { recursive: true, force: true });
  });
  migrate(db, kernelMigrations(), { clock: systemClock, allowDrafts: false });
  for (const owner of ['shop', 'gate']) {
    addToLedger(db, {
      owner,
      prefix: `${owner}_`,
      name: '0001_first',
      checksum: 'x',
      downSql: null,
      appliedAt: 1,
      durationMs: 1,
      shipped: true,
    });
    db.exec(`
      CREATE TABLE ${owner}_visits (id INTEGER PRIMARY KEY AUTOINCREMENT, plate TEXT, plate_upper TEXT GENERATED ALWAYS AS (upper(plate)) STORED);
      CREATE INDEX ${owner}_visits_plate ON ${owner}_visits (plate);
      CREATE TABLE ${owner}_notes (text TEXT, visit INTEGER REFERENCES ${owner}_visits (id) ON DELETE CASCADE);
      CREATE TABLE ${owner}_keys (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
      CREATE VIRTUAL TABLE ${owner}_search USING fts5 (text);
      CREATE VIEW ${owner}_open AS SELECT * FROM ${owner}_visits WHERE plate IS NOT NULL;
      CREATE TRIGGER ${owner}_noted AFTER INSERT ON ${owner}_visits BEGIN INSERT INTO ${owner}_search (text) VALUES (new.plate); END;
      INSERT INTO ${owner}_visits (plate) VALUES ('abc'), ('def'), ('ghi');
      DELETE FROM ${owner}_visits WHERE id = 2;
      INSERT INTO ${owner}_notes VALUES ('first', 1), ('third', 3);
      INSERT INTO ${owner}_keys VALUES ('a', x'00ff');
      INSERT INTO consumers (kind, plugin, name, ordering, epoch, start_seq, created_at) VALUES ('consumer', '${owner}', 'visits', 'camera', 4, 0, 1);
      INSERT INTO lanes SELECT id, 1, 10, 1000 FROM consumers WHERE plugin = '${owner}';
      INSERT INTO consumer_state SELECT id, 1, 'open', '{"n":1}' FROM consumers WHERE plugin = '${owner}';
      INSERT INTO events (id, event_type, severity, at_ms, payload, created_at, source) VALUES ('${owner}-1', '${owner}.seen', 'info', 1, '{}', 1, '${owner}');
    `);
  }
});

/** Everything the store holds of a plugin, epochs aside. */
function stateOf(plugin: string) {
  const all = (sql: string) => db.prepare(sql).all();
  const consumer = `(SELECT id FROM consumers WHERE plugin = '${plugin}')`;
  return {
    objects: all(
      `SELECT type, name, sql FROM sqlite_schema WHERE name LIKE '${plugin}\\_%' ESCAPE '\\' ORDER BY name`,
    ),
    visits: all(`SELECT * FROM ${plugin}_visits`),
    notes: all(`SELECT rowid, * FROM ${plugin}_notes`),
    keys: all(`SELECT * FROM ${plugin}_keys`),
    found: all(`SELECT rowid, text FROM ${plugin}_search WHERE ${plugin}_search MATCH 'ghi'`),
    sequence: all(`SELECT seq FROM sqlite_sequence WHERE name = '${plugin}_visits'`),
    ledger: all(`SELECT * FROM schema_migrations WHERE owner = '${plugin}'`),
    lanes: all(`SELECT * FROM lanes WHERE consumer_id IN ${consumer}`),
    state: all(`SELECT * FROM consumer_state WHERE consumer_id IN ${consumer}`),
    events: all(`SELECT id FROM events WHERE source = '${plugin}'`),
  };
}

function changeEverything(): void {
  db.exec(`
    DROP TABLE shop_keys;
    ALTER TABLE shop_visits ADD COLUMN colour TEXT;
    CREATE TABLE shop_new (x);
    UPDATE shop_visits SET plate = 'zzz';
    DELETE FROM shop_notes;
    DELETE FROM shop_search;
    UPDATE lanes SET seq = 99 WHERE consumer_id IN (SELECT id FROM consumers WHERE plugin = 'shop');
    DELETE FROM consumer_state WHERE consumer_id IN (SELECT id FROM consumers WHERE plugin = 'shop');
    INSERT INTO consumers (kind, plugin, name, ordering, epoch, start_seq, created_at) VALUES ('consumer', 'shop', 'newer', 'all', 1, 0, 1);
    UPDATE consumers SET epoch = 7 WHERE plugin = 'shop' AND name = 'visits';
    INSERT INTO events (id, event_type, severity, at_ms, payload, created_at, source) VALUES ('shop-2', 'shop.seen', 'info', 1, '{}', 1, 'shop'), ('gate-2', 'gate.seen', 'info', 1, '{}', 1, 'gate');
  `);
  db.prepare(`DELETE FROM schema_migrations WHERE owner = 'shop'`).run();
  addToLedger(db, {
    owner: 'shop',
    prefix: 'shop_',
    name: '0002_next',
    checksum: 'y',
    downSql: null,
    appliedAt: 2,
    durationMs: 1,
    shipped: false,
  });
}

test('tables, indexes, views, triggers, full-text, rows, ledger, cursors and state come back; the others are as they were', () => {
  takeSnapshot(db, 'shop', file);
  const before = stateOf('shop');
  changeEverything();
  const gate = stateOf('gate');
  restoreSnapshot(db, 'shop', file, { forgetEvents: true });
  expect(stateOf('shop')).toEqual(before);
  expect(stateOf('gate')).toEqual(gate);
  expect(db.prepare(`SELECT name, epoch FROM consumers WHERE plugin = 'shop'`).all()).toEqual([
    { name: 'visits', epoch: 8 },
  ]);
  expect(db.pragma('integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  expect(db.pragma('foreign_key_check')).toEqual([]);
  expect(db.pragma('foreign_keys', { simple: true })).toBe(1);
  // Triggers work again, and the next row gets the next number.
  db.exec(`INSERT INTO shop_visits (plate) VALUES ('jkl')`);
  expect(db.prepare(`SELECT max(id) AS id FROM shop_visits`).get()).toEqual({ id: 4 });
  expect(stateOf('shop').found).toHaveLength(1);
});

test('events stay where only a change of generation is taken back', () => {
  takeSnapshot(db, 'shop', file);
  changeEverything();
  restoreSnapshot(db, 'shop', file);
  expect(stateOf('shop').events).toEqual([{ id: 'shop-1' }, { id: 'shop-2' }]);
});

test('events that went when drafts were taken back come back with the change that failed, in their places', () => {
  const addEvent = (source: string, n: number, payload = '{}') =>
    db
      .prepare(
        `INSERT INTO events (id, event_type, severity, at_ms, payload, created_at, source) VALUES (?, ?, 'info', 1, ?, 1, ?)`,
      )
      .run(`${source}-${n}`, `${source}.seen`, payload, source);
  const journal = () => db.prepare('SELECT * FROM events ORDER BY seq').all();
  const beforeChange = `${file}.change`;
  takeSnapshot(db, 'shop', file);
  for (const source of ['shop', 'gate']) for (const n of [2, 3]) addEvent(source, n);
  const before = journal();
  takeSnapshot(db, 'shop', beforeChange);
  restoreSnapshot(db, 'shop', file, { forgetEvents: true, keptIn: beforeChange });
  expect(stateOf('shop').events).toEqual([{ id: 'shop-1' }]);
  expect(stateOf('gate').events).toHaveLength(3);
  // What is put back had begun to emit them again.
  addEvent('shop', 2, '{"again":true}');
  addEvent('gate', 4);
  restoreSnapshot(db, 'shop', beforeChange);
  expect(journal()).toEqual([...before, expect.objectContaining({ id: 'gate-4' })]);
});

test('a consumer that is younger than the drafts comes back with the change that failed: its id, cursor and state', () => {
  const consumers = () =>
    db.prepare(`SELECT id, name, epoch FROM consumers WHERE plugin = 'shop' ORDER BY id`).all();
  const addNewer = () =>
    db.exec(`
      INSERT INTO consumers (kind, plugin, name, ordering, epoch, start_seq, created_at) VALUES ('consumer', 'shop', 'newer', 'all', 5, 0, 1);
      INSERT INTO lanes SELECT id, 0, 20, 2000 FROM consumers WHERE name = 'newer';
      INSERT INTO consumer_state SELECT id, 0, 'open', '{"n":2}' FROM consumers WHERE name = 'newer'`);
  const beforeChange = `${file}.change`;
  takeSnapshot(db, 'shop', file);
  addNewer();
  const before = stateOf('shop');
  const [visits, newer] = consumers() as { id: number; name: string; epoch: number }[];
  takeSnapshot(db, 'shop', beforeChange);
  restoreSnapshot(db, 'shop', file, { forgetEvents: true, keptIn: beforeChange });
  expect(consumers()).toEqual([{ ...visits, epoch: 5 }]);
  // The generation that was to come had begun to attach it.
  addNewer();
  restoreSnapshot(db, 'shop', beforeChange);
  expect(consumers()).toEqual([
    { ...visits, epoch: 6 },
    { ...newer, epoch: 6 },
  ]);
  expect(stateOf('shop')).toEqual(before);
  expect(db.pragma('foreign_key_check')).toEqual([]);
});

test('without the copy that is to keep them no event goes, and nothing else', () => {
  takeSnapshot(db, 'shop', file);
  db.exec(`UPDATE shop_visits SET plate = 'zzz';
    INSERT INTO events (id, event_type, severity, at_ms, payload, created_at, source) VALUES ('shop-2', 'shop.seen', 'info', 1, '{}', 1, 'shop')`);
  const before = stateOf('shop');
  for (const [gone, said] of [
    [`${file}.gone`, 'no such table: kept.journal'],
    [`${file}.gone/shop.db`, 'unable to open database'],
  ] as const)
    expect(() => restoreSnapshot(db, 'shop', file, { forgetEvents: true, keptIn: gone })).toThrow(said);
  expect(stateOf('shop')).toEqual(before);
});

test('a plugin that had nothing has nothing again', () => {
  takeSnapshot(db, 'newcomer', file);
  addToLedger(db, {
    owner: 'newcomer',
    prefix: 'newcomer_',
    name: '0001_first',
    checksum: 'x',
    downSql: null,
    appliedAt: 1,
    durationMs: 1,
    shipped: false,
  });
  db.exec('CREATE TABLE newcomer_rows (x); INSERT INTO newcomer_rows VALUES (1)');
  restoreSnapshot(db, 'newcomer', file);
  expect(db.prepare(`SELECT name FROM sqlite_schema WHERE name LIKE 'newcomer%'`).all()).toEqual([]);
  expect(db.prepare(`SELECT 1 FROM schema_migrations WHERE owner = 'newcomer'`).all()).toEqual([]);
});

test('a copy that is not there, or is no database, changes nothing', () => {
  const before = stateOf('shop');
  expect(() => restoreSnapshot(db, 'shop', file)).toThrow('unable to open database');
  takeSnapshot(db, 'shop', file);
  removeSnapshot(file);
  expect(() => restoreSnapshot(db, 'shop', file)).toThrow('no such table');
  expect(stateOf('shop')).toEqual(before);
  expect(db.inTransaction).toBe(false);
});
