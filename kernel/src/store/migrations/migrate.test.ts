import { expect, test } from 'vitest';
import { systemClock } from '../../clock.ts';
import { openWriter } from '../database.ts';
import { clock, kernelMigrations, storeWith } from './fixtures/store-with.ts';
import { readLedger } from './ledger.ts';
import { migrate } from './migrate.ts';
import { kernelOwner } from './owner.ts';
import { readMigrations } from './read.ts';

const first = `-- Zones of a camera.
create table zones_zone (id text primary key, camera_id text not null);
create index zones_zone_camera on zones_zone (camera_id);`;

test('pending migrations are applied once, in order, and the ledger keeps what it needs for the way down', () => {
  using store = storeWith({
    'zones/0001_zones.sql': first,
    'zones/0002_name.sql': 'alter table zones_zone add column name text;',
    'zones/0002_name.down.sql': 'alter table zones_zone drop column name;',
  });
  const zones = store.plugin('zones', { release: ['0001_zones'] });
  expect(store.up(zones)).toEqual({ applied: ['0001_zones', '0002_name'], draftChanges: [] });
  expect(store.up(zones)).toEqual({ applied: [], draftChanges: [] });
  expect(readLedger(store.db).filter(({ owner }) => owner === 'zones')).toEqual([
    {
      owner: 'zones',
      prefix: 'zones_',
      name: '0001_zones',
      checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
      downSql: null,
      appliedAt: clock.now(),
      durationMs: 0,
      shipped: true,
    },
    expect.objectContaining({
      name: '0002_name',
      downSql: 'alter table zones_zone drop column name;',
      shipped: false,
    }),
  ]);
  store.db.prepare('insert into zones_zone (id, camera_id, name) values (?, ?, ?)').run('z', 'c', 'gate');
});

test("the kernel's own migrations apply, and a second start does nothing", () => {
  using store = storeWith();
  expect(store.db.prepare(`select count(*) as n from meta where key = 'store_id'`).get()).toEqual({ n: 1 });
  const before = store.dump();
  expect(store.up(kernelOwner(kernelMigrations)).applied).toEqual([]);
  expect(store.dump()).toBe(before);
});

test('an edited or removed shipped migration stops the start and changes nothing', () => {
  using store = storeWith({ 'zones/0001_zones.sql': first });
  const zones = store.plugin('zones');
  store.up(zones);
  const before = store.dump();
  store.write({ 'zones/0001_zones.sql': `${first}\n`, 'zones/0002_x.sql': 'create table zones_x (a);' });
  expect(() => store.up(zones)).toThrow(
    expect.objectContaining({
      code: 'migration_changed',
      message: expect.stringContaining('0001_zones.sql'),
    }),
  );
  store.remove('zones/0001_zones.sql');
  store.remove('zones/0002_x.sql');
  expect(() => store.up(zones)).toThrow(expect.objectContaining({ code: 'migration_changed' }));
  expect(store.dump()).toBe(before);
});

test('a changed draft is reported in development, refused in production, and holds back what is pending', () => {
  using store = storeWith({ 'zones/0001_zones.sql': first });
  const zones = store.plugin('zones', { release: [] });
  store.up(zones);
  store.write({
    'zones/0001_zones.sql': 'create table zones_zone (id);',
    'zones/0002_x.sql': 'create table zones_x (a);',
  });
  const before = store.dump();
  expect(store.up(zones, { allowDrafts: true })).toMatchObject({
    applied: [],
    draftChanges: [{ name: '0001_zones', state: 'draft-edited' }],
  });
  expect(() => store.up(zones)).toThrow(expect.objectContaining({ code: 'migration_changed' }));
  expect(store.dump()).toBe(before);
});

test('a draft that is released unchanged becomes shipped in the ledger', () => {
  using store = storeWith({ 'zones/0001_zones.sql': first });
  store.up(store.plugin('zones', { release: [] }));
  const shipped = () => readLedger(store.db).find(({ owner }) => owner === 'zones')?.shipped;
  expect(shipped()).toBe(false);
  store.up(store.plugin('zones', { release: ['0001_zones'] }));
  expect(shipped()).toBe(true);
});

test('a table is rebuilt without losing the rows that refer to it, and foreign keys are on again', () => {
  using store = storeWith({
    'zones/0001_zones.sql': `create table zones_zone (id integer primary key, name text);
      create table zones_point (zone integer not null references zones_zone (id) on delete cascade, x real);
      create trigger zones_touch after insert on zones_point begin update zones_zone set name = name where id = new.zone; end;
      create view zones_named as select z.name, p.x from zones_zone z join zones_point p on p.zone = z.id;`,
  });
  const zones = store.plugin('zones');
  store.up(zones);
  store.db.exec(
    'insert into zones_zone values (7, null); insert into zones_point values (7, 0.5), (7, 0.25)',
  );
  store.write({
    'zones/0002_name.sql': `drop view zones_named;
      drop trigger zones_touch;
      create table zones_new (id integer primary key, name text not null default 'zone');
      insert into zones_new (id, name) select id, coalesce(name, 'zone') from zones_zone;
      drop table zones_zone;
      alter table zones_new rename to zones_zone;
      create view zones_named as select z.name, p.x from zones_zone z join zones_point p on p.zone = z.id;`,
  });
  expect(store.up(zones).applied).toEqual(['0002_name']);
  expect(store.db.prepare('select name, x from zones_named order by x').all()).toEqual([
    { name: 'zone', x: 0.25 },
    { name: 'zone', x: 0.5 },
  ]);
  expect(store.db.pragma('foreign_keys', { simple: true })).toBe(1);
  expect(() => store.db.exec('insert into zones_point values (8, 1)')).toThrow(/FOREIGN KEY/);
});

test('the kernel rebuilds a table that views of plugins read', () => {
  using store = storeWith({
    'zones/0001_zones.sql': `create table zones_zone (id text, camera_id text);
      create table zones_seen (id text);
      create view zones_cameras as select z.id, c.name from zones_zone z join cameras c on c.id = z.camera_id;
      create trigger zones_rename instead of update on zones_cameras begin update zones_zone set id = new.id where id = old.id; end;
      create trigger zones_saw after insert on zones_zone begin insert into zones_seen select name from sites; end;`,
  });
  store.up(store.plugin('zones'));
  store.write({
    'next/0001_kernel.sql': '',
    'next/0002_sites.sql': `create table sites_new (id text primary key, name text not null, created_at integer not null, zone text);
      insert into sites_new (id, name, created_at) select id, name, created_at from sites;
      drop table sites;
      alter table sites_new rename to sites;`,
  });
  store.db.exec(`insert into sites values ('s', 'Yard', 1)`);
  const next = kernelOwner(`${store.path}/next`);
  store.db.exec(`delete from schema_migrations where owner = 'kernel' and name <> '0001_kernel'`);
  store.db.exec(
    `update schema_migrations set checksum = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' where owner = 'kernel'`,
  );
  expect(store.up(next).applied).toEqual(['0002_sites']);
  expect(store.db.prepare('select id, zone from sites').all()).toEqual([{ id: 's', zone: null }]);
  expect(store.db.prepare('select * from zones_cameras').all()).toEqual([]);
  expect(
    store.db.prepare(`select name from sqlite_schema where type = 'trigger' order by name`).pluck().all(),
  ).toEqual(['zones_rename', 'zones_saw']);
});

test('only new orphans count, and they are named', () => {
  using store = storeWith({
    'zones/0001_zones.sql': `create table zones_zone (id integer primary key);
      create table zones_point (id integer primary key, zone integer references zones_zone (id));`,
  });
  const zones = store.plugin('zones');
  store.up(zones);
  store.db.pragma('foreign_keys = OFF');
  store.db.exec('insert into zones_zone values (1); insert into zones_point values (10, 1), (11, 99)');
  store.db.pragma('foreign_keys = ON');
  store.write({ 'zones/0002_x.sql': 'alter table zones_point add column x;' });
  expect(store.up(zones).applied).toEqual(['0002_x']);
  store.write({ 'zones/0003_y.sql': 'delete from zones_zone;' });
  expect(() => store.up(zones)).toThrow(
    /0003_y\.sql: leaves zones_point row 10 without its parent in zones_zone; next: /,
  );
  expect(store.db.prepare('select count(*) as n from zones_zone').get()).toEqual({ n: 1 });
  expect(store.db.pragma('foreign_keys', { simple: true })).toBe(1);
});

test('a prefix that fits names of the kernel or of another plugin is refused', () => {
  using store = storeWith({
    'camera/0001_a.sql': 'create table camera_mine (a);',
    'zones/0001_a.sql': 'create table zones_extra_points (a);',
    'zones-extra/0001_a.sql': 'create table zones_extra_mine (a);',
    'schema/0001_a.sql': 'create table schema_x (a);',
  });
  expect(() => store.up(store.plugin('camera'))).toThrow(
    expect.objectContaining({ code: 'plugin_invalid', message: expect.stringContaining('camera_secrets') }),
  );
  expect(() => store.up(store.plugin('schema'))).toThrow(expect.objectContaining({ code: 'plugin_invalid' }));
  store.up(store.plugin('zones'));
  expect(() => store.up(store.plugin('zones-extra'))).toThrow(/names of zones \(zones_extra_points\)/);
  expect(() => store.up(store.plugin('zones', { prefix: 'area_' }))).toThrow(/its tables begin with zones_/);
  expect(() => store.up(store.plugin('other', { prefix: 'zones_' }))).toThrow(/it is the prefix of zones/);
});

test('of two prefixes that fit, the longer one owns the name', () => {
  using store = storeWith({
    'zones-extra/0001_a.sql': 'create table zones_extra_mine (a);',
    'zones/0001_a.sql': 'create table zones_extra_yours (a);',
  });
  store.up(store.plugin('zones-extra'));
  expect(() => store.up(store.plugin('zones'))).toThrow(
    /creates the table zones_extra_yours, whose name must begin with zones_ \(it is of zones-extra\)/,
  );
});

test('a database in memory can be migrated', () => {
  using db = openMemory();
  expect(
    migrate(db.db, kernelOwner(kernelMigrations), { clock: systemClock, allowDrafts: false }).applied,
  ).toEqual(readMigrations(kernelMigrations).map(({ name }) => name));
});

function openMemory() {
  const db = openWriter(':memory:');
  return { db, [Symbol.dispose]: () => db.close() };
}
