import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { clock, kernelMigrations, storeWith } from './fixtures/store-with.ts';
import { migrate } from './migrate.ts';
import { kernelOwner } from './owner.ts';
import { withRehearsalCopy } from './rehearsal-copy.ts';

const zones = {
  'zones/0001_zones.sql': `create table zones_zone (id integer primary key autoincrement, name text, upper text generated always as (upper(name)));
    create table zones_pair (a text, b text, primary key (a, b)) without rowid;
    create virtual table zones_text using fts5(name);
    create unique index zones_zone_name on zones_zone (name);
    create view zones_view as select * from zones_zone;
    create trigger zones_trigger after insert on zones_zone begin insert into zones_text values (new.name); end;`,
};

test('a failure in a later migration leaves the live database untouched and names file, line, reason and next step', () => {
  using store = storeWith(zones);
  const owner = store.plugin('zones');
  store.up(owner);
  store.db.exec(`insert into zones_zone (name) values ('gate'), (null)`);
  store.write({
    'zones/0002_fine.sql': 'create table zones_fine (a);',
    'zones/0003_not.sql': `-- every zone needs a name\n\ncreate table zones_new (id integer primary key, name text not null);
insert into zones_new\n  select id, name from zones_zone;`,
  });
  const before = store.dump();
  expect(() => store.up(owner)).toThrow(
    expect.objectContaining({
      code: 'migration_failed',
      message: expect.stringMatching(
        /^zones: .*0003_not\.sql:4: NOT NULL constraint failed: zones_new\.name; next: correct the statement/,
      ),
      details: expect.objectContaining({ owner: 'zones', line: 4 }),
      cause: expect.objectContaining({ code: 'SQLITE_CONSTRAINT_NOTNULL' }),
    }),
  );
  expect(store.dump()).toBe(before);
  expect(store.files()).toEqual(['heldar.db']);
});

test('the copy has the whole schema and the rows of the owner only', () => {
  using store = storeWith(zones);
  const owner = store.plugin('zones');
  store.up(owner);
  store.db
    .exec(`insert into zones_zone (name) values ('gate'), ('door'); delete from zones_zone where name = 'door';
    insert into zones_pair values ('a', 'b'); insert into sites values ('s', 'Yard', 1)`);
  const schema = 'select type, name, tbl_name, sql from sqlite_schema order by type, name';
  withRehearsalCopy(store.db, owner, new Map([['zones', 'zones_']]), (copy) => {
    expect(copy.prepare(schema).all()).toEqual(store.db.prepare(schema).all());
    expect(copy.prepare('select * from zones_zone').all()).toEqual([{ id: 1, name: 'gate', upper: 'GATE' }]);
    expect(copy.prepare('select * from zones_pair').all()).toEqual([{ a: 'a', b: 'b' }]);
    expect(copy.prepare(`select name from zones_text where zones_text match 'door'`).all()).toEqual([
      { name: 'door' },
    ]);
    expect(copy.prepare('select * from sites').all()).toEqual([]);
    expect(copy.prepare(`select seq from sqlite_sequence where name = 'zones_zone'`).all()).toEqual([
      { seq: 2 },
    ]);
    expect(copy.pragma('integrity_check', { simple: true })).toBe('ok');
  });
  expect(store.files()).toEqual(['heldar.db']);
});

test('for the kernel, the newest thousand rows of the tables that grow stand for the rest', () => {
  using store = storeWith();
  store.db.exec(`insert into log (kind, type, at_ms, at_ns, received, n, incarnation)
      with recursive i(x) as (select 1 union all select x + 1 from i where x < 1500) select 'batch', 't', x, 0, x, 1, 1 from i;
    insert into log_labels (incarnation, label, at_ms, at_ns, seq) select 1, 'car', at_ms, 0, seq from log;
    insert into sites with recursive i(x) as (select 1 union all select x + 1 from i where x < 1500) select x, x, x from i;`);
  withRehearsalCopy(store.db, kernelOwner(kernelMigrations), new Map(), (copy) => {
    expect(copy.prepare('select count(*) as n, min(seq) as first from log').get()).toEqual({
      n: 1000,
      first: 501,
    });
    expect(copy.prepare('select count(*) as n, min(seq) as first from log_labels').get()).toEqual({
      n: 1000,
      first: 501,
    });
    expect(copy.prepare('select count(*) as n from sites').get()).toEqual({ n: 1500 });
  });
});

test('a mistake that only shows on rows of the kernel is found before the live run', () => {
  using store = storeWith();
  store.db.exec(`insert into log (kind, type, at_ms, at_ns, received, n) values ('record', 't', 1, 0, 1, 0)`);
  const folder = `${store.path}/next`;
  mkdirSync(folder);
  writeFileSync(`${folder}/0001_kernel.sql`, '');
  writeFileSync(`${folder}/0002_x.sql`, 'alter table log add column x not null default null;');
  store.db.exec(
    `update schema_migrations set checksum = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'`,
  );
  store.db.exec(`delete from schema_migrations where owner = 'kernel' and name <> '0001_kernel'`);
  const before = store.dump();
  expect(() => migrate(store.db, kernelOwner(folder), { clock, allowDrafts: false })).toThrow(
    /0002_x\.sql:1: .*NOT NULL/,
  );
  expect(store.dump()).toBe(before);
});

test('what a crash left of a rehearsal goes with the next one', () => {
  using store = storeWith(zones);
  mkdirSync(`${store.file}.rehearsal`);
  writeFileSync(`${store.file}.rehearsal/copy.db`, 'half a file');
  expect(store.up(store.plugin('zones')).applied).toEqual(['0001_zones']);
  expect(store.files()).toEqual(['heldar.db']);
});

test('what only the live rows show is rolled back whole, and foreign keys are on again', () => {
  using store = storeWith();
  store.db.exec(`insert into sites values ('s', 'Yard', 1)`);
  store.write({
    // The rehearsal has no rows of the kernel, so only the live run finds the second site's name missing.
    'foo/0001_a.sql': `create table foo_site (id text primary key, name text check (name <> 'Yard'));
      insert into foo_site select id, name from sites;`,
  });
  const before = store.dump();
  expect(() => store.up(store.plugin('foo'))).toThrow(/0001_a\.sql:2: CHECK constraint failed/);
  expect(store.dump()).toBe(before);
});
