import { afterEach, beforeEach, expect, test } from 'vitest';
import Database from 'better-sqlite3';
import { createStatementGuard, type StatementGuard } from './statement-guard.ts';

let db: Database.Database;
let guard: StatementGuard;

beforeEach(() => {
  db = new Database(':memory:');
  db.pragma('foreign_keys = ON');
  db.exec(`
    CREATE TABLE cameras (id TEXT PRIMARY KEY);
    CREATE TABLE other_rows (n INTEGER PRIMARY KEY);
    CREATE TABLE own_rows (n INTEGER PRIMARY KEY, label TEXT UNIQUE);
    CREATE TABLE own_numbered (n INTEGER PRIMARY KEY AUTOINCREMENT, label TEXT);
    CREATE TABLE own_parent (n INTEGER PRIMARY KEY);
    CREATE TABLE own_child (n INTEGER REFERENCES own_parent (n) DEFERRABLE INITIALLY DEFERRED);
    CREATE TABLE own_strict (n INTEGER PRIMARY KEY, label TEXT UNIQUE ON CONFLICT ROLLBACK);
    CREATE TABLE own_trapped (n INTEGER);
    CREATE TRIGGER own_leak AFTER INSERT ON own_trapped BEGIN DELETE FROM other_rows; END;
    CREATE TABLE own_raising (n INTEGER);
    CREATE TRIGGER own_raise AFTER INSERT ON own_raising BEGIN SELECT RAISE(ROLLBACK, 'no'); END;
    CREATE VIRTUAL TABLE own_search USING fts5 (text);
    CREATE VIRTUAL TABLE other_search USING fts5 (text);`);
  guard = createStatementGuard(db);
});
afterEach(() => db.close());

test.each([
  ['insert into own_rows (n, label) values (?, ?)', [1, 'a']],
  ['insert or ignore into own_rows (n) values (1)', []],
  ['insert into own_rows (n) values (1) on conflict (n) do update set label = excluded.label', []],
  ['-- why\n/* because */ update own_rows set label = ? where n = ?', ['a', 1]],
  ['with gone as (select 1 as n) delete from own_rows where n in (select n from gone)', []],
  ['insert into own_numbered (label) values (?)', ['a']],
  ['insert into own_search (text) values (?)', ['a']],
  ['delete from own_rows', []],
] as const)('takes %s', (sql, params) => {
  expect(() => guard.checkWrite('own', sql, params)).not.toThrow();
});

test.each([
  ['select 1', 'only INSERT'],
  ['begin', 'only INSERT'],
  ['commit', 'only INSERT'],
  ['create table own_more (n)', 'only INSERT'],
  ['pragma foreign_keys = off', 'only INSERT'],
  ['with x as (select 1) select * from x', 'writes nothing'],
  ['insert into other_rows values (1)', 'writes other_rows'],
  ["delete from cameras where id = 'gate'", 'writes cameras'],
  ['insert into own_trapped values (1)', 'writes other_rows'],
  ['insert into own_raising values (1)', 'ROLLBACK'],
  ['insert or rollback into own_rows (n) values (1)', 'ROLLBACK'],
  ["insert into own_strict (label) values ('a')", 'ROLLBACK'],
  ['insert into own_child values (7)', 'deferred foreign key'],
  ["update sqlite_sequence set seq = 9 where name = 'own_numbered'", 'sqlite_sequence'],
  ["insert into other_search (text) values ('a')", 'virtual table'],
  ['insert into own_rows (n) values (1); delete from cameras', 'does not compile'],
  ['insert into own_missing values (1)', 'does not compile'],
] as const)('refuses %s', (sql, reason) => {
  expect(() => guard.checkWrite('own', sql, [])).toThrow(reason);
  expect(() => guard.checkWrite('own', sql, [])).toThrow('own: ');
});
