import { expect, test } from 'vitest';
import { migrateDown } from './down.ts';
import { kernelMigrations, storeWith } from './fixtures/store-with.ts';
import { kernelOwner } from './owner.ts';

const migrations = {
  'zones/0001_zones.sql': 'create table zones_zone (id integer primary key);',
  'zones/0001_zones.down.sql': 'drop table zones_zone;',
  'zones/0002_name.sql': 'alter table zones_zone add column name text;',
  'zones/0002_name.down.sql': 'alter table zones_zone drop column name;',
  'zones/0003_points.sql': 'create table zones_point (zone integer references zones_zone (id));',
  'zones/0003_points.down.sql': 'drop table zones_point;',
};

test('down takes back the newest migration, or all behind a name, and up brings them again', () => {
  using store = storeWith(migrations);
  const zones = store.plugin('zones');
  const empty = store.dump();
  store.up(zones);
  const full = store.dump();
  expect(migrateDown(store.db, zones)).toEqual(['0003_points']);
  store.up(zones);
  expect(migrateDown(store.db, zones, { to: '0001_zones' })).toEqual(['0003_points', '0002_name']);
  expect(store.db.prepare(`select name from pragma_table_xinfo('zones_zone')`).pluck().all()).toEqual(['id']);
  expect(store.up(zones).applied).toEqual(['0002_name', '0003_points']);
  expect(store.dump()).toBe(full);
  migrateDown(store.db, zones, { to: '0001_zones' });
  expect(migrateDown(store.db, zones)).toEqual(['0001_zones']);
  expect(store.dump()).toBe(empty);
});

test('down works from the ledger when the files are gone', () => {
  using store = storeWith(migrations);
  store.up(store.plugin('zones'));
  expect(migrateDown(store.db, store.plugin('zones', { folder: null }))).toEqual(['0003_points']);
});

test('a corrected way down is taken from the file, that of an edited draft from the ledger', () => {
  using store = storeWith({ ...migrations, 'zones/0003_points.down.sql': 'drop table zones_typo;' });
  const zones = store.plugin('zones', { release: [] });
  store.up(zones);
  expect(() => migrateDown(store.db, zones)).toThrow(/0003_points\.down\.sql:1: no such table: zones_typo/);
  store.write({ 'zones/0003_points.down.sql': 'drop table zones_point;' });
  expect(migrateDown(store.db, zones)).toEqual(['0003_points']);
  store.up(zones);
  store.write({
    'zones/0003_points.sql': 'create table zones_dot (zone);',
    'zones/0003_points.down.sql': 'drop table zones_dot;',
  });
  expect(store.up(zones, { allowDrafts: true }).draftChanges).toHaveLength(1);
  expect(migrateDown(store.db, zones)).toEqual(['0003_points']);
  expect(store.up(zones).applied).toEqual(['0003_points']);
});

test('a migration without a way down is refused before anything happens', () => {
  using store = storeWith(migrations);
  store.remove('zones/0002_name.down.sql');
  const zones = store.plugin('zones');
  store.up(zones);
  const before = store.dump();
  expect(() => migrateDown(store.db, zones, { to: '0001_zones' })).toThrow(
    expect.objectContaining({ code: 'usage', message: expect.stringContaining('0002_name has no way down') }),
  );
  expect(store.dump()).toBe(before);
});

test('a way down that reaches into other tables is refused', () => {
  using store = storeWith({
    ...migrations,
    'zones/0003_points.down.sql': 'drop table zones_point; delete from meta;',
  });
  const zones = store.plugin('zones');
  store.up(zones);
  const before = store.dump();
  expect(() => migrateDown(store.db, zones)).toThrow(/0003_points\.down\.sql:1: writes meta/);
  expect(store.dump()).toBe(before);
});

test('the last way down may leave no table behind', () => {
  using store = storeWith({
    'zones/0001_zones.sql': 'create table zones_zone (id); create table zones_left (id);',
    'zones/0001_zones.down.sql': 'drop table zones_zone;',
  });
  const zones = store.plugin('zones');
  store.up(zones);
  const before = store.dump();
  expect(() => migrateDown(store.db, zones)).toThrow(/leaves the table zones_left/);
  expect(store.dump()).toBe(before);
});

test('down with nothing to take back, or to an unknown name, says so', () => {
  using store = storeWith(migrations);
  const zones = store.plugin('zones');
  expect(() => migrateDown(store.db, zones)).toThrow(/zones: no migration is applied/);
  store.up(zones);
  expect(() => migrateDown(store.db, zones, { to: '0009_x' })).toThrow(/0009_x is not applied/);
  expect(() => migrateDown(store.db, zones, { to: '0003_points' })).toThrow(
    /is the newest applied migration/,
  );
  expect(() => migrateDown(store.db, kernelOwner(kernelMigrations))).toThrow(/000\d_\w+ has no way down/);
});
