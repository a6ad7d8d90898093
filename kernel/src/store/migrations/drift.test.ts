import { sql } from 'drizzle-orm';
import { integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { expect, test } from 'vitest';
import { kernelTables } from '../kernel-tables.ts';
import { schemaDrift } from './drift.ts';
import { storeWith } from './fixtures/store-with.ts';

const owner = { name: 'zones', prefix: 'zones_' };

test("the kernel's tables in the code are those of its migrations", () => {
  using store = storeWith({ 'zones/0001_zones.sql': 'create table zones_zone (id);' });
  store.up(store.plugin('zones'));
  expect(schemaDrift(store.db, kernelTables)).toEqual([]);
});

test('tables that say the same in other words do not drift', () => {
  using store = storeWith({
    'zones/0001_zones.sql': `create table zones_zone (id varchar(10) primary key, n int not null default 3, label text not null default 'it''s',
        made integer not null default (unixepoch()), open integer not null default 0, size double, twice integer generated always as (n * 2));
      create table zones_pair (a text not null, b text not null, primary key (b, a)) without rowid;`,
  });
  store.up(store.plugin('zones'));
  const zone = sqliteTable('zones_zone', {
    id: text().primaryKey(),
    n: integer().notNull().default(3),
    label: text().notNull().default("it's"),
    made: integer()
      .notNull()
      .default(sql`(unixepoch())`),
    open: integer({ mode: 'boolean' }).notNull().default(false),
    size: real(),
    twice: integer().generatedAlwaysAs(sql`n * 2`),
  });
  const pair = sqliteTable('zones_pair', { a: text().notNull(), b: text().notNull() }, (t) => [
    primaryKey({ columns: [t.b, t.a] }),
  ]);
  expect(schemaDrift(store.db, [zone, pair], owner)).toEqual([]);
});

test('each difference is told', () => {
  using store = storeWith({
    'zones/0001_zones.sql': `create table zones_zone (id text primary key, n integer, size real not null default 2, extra text);
      create table zones_forgotten (a);`,
  });
  store.up(store.plugin('zones'));
  const zone = sqliteTable('zones_zone', {
    id: integer(),
    n: text().notNull(),
    size: real().notNull().default(1),
    name: text(),
  });
  const absent = sqliteTable('zones_absent', { id: text().primaryKey() });
  expect(schemaDrift(store.db, [zone, absent], owner)).toEqual([
    'zones_zone.id: affinity INTEGER in the code, TEXT in the database',
    'zones_zone.n: affinity TEXT in the code, INTEGER in the database',
    'zones_zone.n: nullability NOT NULL in the code, NULL in the database',
    'zones_zone.size: default 1 in the code, 2 in the database',
    'zones_zone.name: in the code, not in the database',
    'zones_zone.extra: in the database, not in the code',
    'zones_zone: primary key () in the code, (id) in the database',
    'zones_absent: in the code, not in the database',
    'zones_forgotten: in the database, not in the code',
  ]);
});
