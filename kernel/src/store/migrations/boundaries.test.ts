import { expect, test } from 'vitest';
import { storeWith, type TestStore } from './fixtures/store-with.ts';
import { migrate } from './migrate.ts';
import { systemClock } from '../../clock.ts';

/** A camera, another plugin with rows, and a plugin `foo` whose second migration is `sql`. */
function storeFor(sql: string): TestStore {
  const store = storeWith({
    'zones/0001_zones.sql': `create table zones_zone (id integer primary key autoincrement, name text);
      insert into zones_zone (name) values ('gate');
      create virtual table zones_text using fts5(name);
      create view zones_all as select * from zones_zone;`,
    'foo/0001_foo.sql': `create table foo_a (id integer primary key autoincrement, name text, note text default 'DEFERRABLE');
      insert into foo_a (name) values ('x');
      create table foo_b (a integer references foo_a (id));`,
  });
  store.db.exec(
    `insert into camera_incarnations values (1, 'gate', 1, null);
     insert into meta values ('x', 'y'); insert into sites values ('s', 'Yard', 1)`,
  );
  store.up(store.plugin('zones'));
  store.up(store.plugin('foo'));
  store.write({ 'foo/0002_next.sql': sql });
  return store;
}

const camera = `insert into cameras (id, incarnation, name, vendor, rtsp_port, record_stream, capabilities, record_enabled, segment_seconds,
  retention_hours, record_audio, record_mode, pre_roll_seconds, post_roll_seconds, mirror_enabled, anr_enabled, enabled, created_at,
  updated_at) values ('evil', 1, 'n', 'v', 1, 'main', '[]', 1, 1, 1, 1, 'continuous', 1, 1, 1, 1, 1, 1, 1)`;

test.for<[string, string, RegExp]>([
  [
    'a trigger on a table of the kernel',
    `create trigger foo_t after insert on log begin insert into foo_a (name) values (new.seq); end;`,
    /creates the trigger foo_t, which is on log, of kernel/,
  ],
  [
    'a trigger on a table of another plugin',
    `create trigger foo_t after insert on zones_zone begin select 1; end;`,
    /which is on zones_zone, of zones/,
  ],
  [
    'a temporary trigger',
    `create temp trigger foo_t after insert on log begin select 1; end;`,
    /foo_t, a temporary object/,
  ],
  [
    'a trigger that writes a table of the kernel',
    `create trigger foo_t after update on foo_a begin delete from meta; end;`,
    /a trigger on foo_a writes meta/,
  ],
  [
    'a trigger that writes through a trigger',
    `create view foo_v as select * from foo_a; create trigger foo_t instead of delete on foo_v begin update foo_a set name = 1; end;
     create trigger foo_u after update of name on foo_a when new.name = 'never' begin insert into zones_zone (name) values (1); end;`,
    /writes zones_zone/,
  ],
  [
    'a trigger that turns the counters of others',
    `create trigger foo_t after insert on foo_a begin update sqlite_sequence set seq = 1 where name = 'zones_zone'; end;`,
    /writes sqlite_sequence/,
  ],
  [
    'a trigger that rolls back',
    `create trigger foo_t before insert on foo_a begin select raise(rollback, 'no'); end;`,
    /would end the transaction/,
  ],
  [
    'a trigger into a table that is not there',
    `create trigger foo_t before insert on foo_a begin insert into nowhere values (1); end;`,
    /a trigger on foo_a does not compile: no such table: main\.nowhere/,
  ],
  [
    'a foreign table renamed to a name of its own',
    'alter table sites rename to foo_sites;',
    /drops the table sites|creates the table foo_sites|changes the table|which is not of foo/,
  ],
  [
    'its own table renamed away',
    'alter table foo_a rename to bar_a;',
    /creates the table bar_a, whose name must begin with foo_/,
  ],
  [
    'a column added to a foreign table',
    'alter table sites add column foo_x;',
    /changes the table sites, whose name must begin with foo_ \(it is of kernel\)/,
  ],
  ['a column dropped from a foreign table', 'alter table log drop column type;', /:1: /],
  ['rows put into a foreign table', `${camera};`, /writes cameras, which is not of foo/],
  [
    'rows put in through WITH and RETURNING',
    `with x as (select 'k') insert into meta select 'k', 'v' from x returning key;`,
    /writes meta/,
  ],
  ['rows of another plugin emptied', 'delete from zones_zone;', /writes zones_zone/],
  [
    'a virtual table of another plugin written',
    `insert into zones_text values ('x');`,
    /writes a virtual table that is not of foo/,
  ],
  ['a virtual table of another plugin dropped', 'drop table zones_text;', /drops the table zones_text/],
  [
    'a foreign view dropped',
    'drop view detections;',
    /drops the view detections, whose name must begin with foo_ \(it is of kernel\)/,
  ],
  ['a foreign index dropped', 'drop index log_lane;', /drops the index log_lane/],
  [
    'an index on a foreign table',
    'create index foo_i on log (type);',
    /creates the index foo_i, which is on log, of kernel/,
  ],
  [
    'an index without its prefix',
    'create index i on foo_a (name);',
    /creates the index i, whose name must begin with foo_/,
  ],
  [
    'a table without its prefix, dropped again',
    'create table scratch (a); drop table scratch;',
    /:1: creates the table scratch/,
  ],
  ['a table with its prefix in capitals', 'create table FOO_c (a);', /written otherwise/],
  ['a temporary table', 'create temp table foo_t (a);', /temporary/],
  ['a temporary table made by a query', 'create temp table foo_t as select 1;', /temporary/],
  [
    'a foreign key to another owner',
    'create table foo_c (z integer references zones_zone (id));',
    /foo_c has a foreign key to zones_zone, of zones/,
  ],
  [
    'a foreign key to the kernel added to a table',
    'alter table foo_a add column camera text references "cameras" (id);',
    /foo_a has a foreign key to cameras, of kernel/,
  ],
  [
    'a deferred foreign key',
    'create table foo_c (a references foo_a (id) on delete cascade not null deferrable initially deferred);',
    /foo_c has a deferrable foreign key/,
  ],
  [
    'a deferred foreign key in disguise',
    'create table foo_c (a not null, foreign key (a) references foo_a (id) /* not */ DEFERRABLE -- x\n);',
    /foo_c has a deferrable foreign key/,
  ],
  ['the ledger changed', 'delete from schema_migrations;', /writes schema_migrations/],
  ['the ledger dropped', 'drop table schema_migrations;', /schema_migrations/],
  [
    'the counters of others changed',
    `update sqlite_sequence set seq = 1000 where name = 'zones_zone';`,
    /changes sqlite_sequence for tables of other owners/,
  ],
  [
    'a view that does not compile',
    'create view foo_v as select missing from foo_a;',
    /leaves the view foo_v broken: no such column: missing/,
  ],
  [
    'a table dropped from under its own view',
    'create view foo_v as select * from foo_b; drop table foo_b;',
    /leaves the view foo_v broken/,
  ],
  [
    'COMMIT among comments',
    `/* not 'a string */ insert into foo_a (name) values ('/*'); -- ' begin\n/* ; */ ; CoMmIt /* ' */ ; -- '\ndelete from meta;`,
    /:2: COMMIT can't stand in a migration/,
  ],
  [
    'COMMIT behind a trigger',
    `create trigger foo_t after insert on foo_a begin select case 1 when 1 then 'end;' end; end; end;`,
    /:1: END can't stand in a migration/,
  ],
  [
    'a statement behind NUL',
    `insert into foo_a (name) values (1);\n\0 delete from meta;`,
    /:2: holds a NUL character/,
  ],
  ['a savepoint', 'savepoint x;', /SAVEPOINT can't stand/],
  ['a pragma', 'pragma writable_schema = on;', /PRAGMA can't stand/],
  ['a pragma explained, which would run it', 'explain pragma foreign_keys = on;', /EXPLAIN can't stand/],
  ['a database attached', `attach 'x.db' as x;`, /ATTACH can't stand/],
  ['VACUUM', 'vacuum;', /VACUUM can't stand/],
  [
    'OR ROLLBACK',
    `insert or rollback into foo_a (id) values (1);`,
    /would end the transaction it runs in \(ROLLBACK as conflict handling\)/,
  ],
  ['a parameter', `insert into foo_a (name) values (?);`, /:1: Too few parameter values/],
  ['nothing at all', '-- later', /holds no statement/],
])('%s is refused and leaves everything as it was', ([, sql, message]) => {
  using store = storeFor(sql);
  const before = store.dump();
  expect(() => store.up(store.plugin('foo'))).toThrow(
    expect.objectContaining({
      code: 'migration_failed',
      message: expect.stringMatching(
        new RegExp(`^foo: .*0002_next\\.sql[\\s\\S]*(?:${message.source})[\\s\\S]*; next: `),
      ),
    }),
  );
  expect(store.dump()).toBe(before);
  expect(store.files()).toEqual(['heldar.db']);
});

test('all that stays within its own tables is allowed', () => {
  using store = storeFor(`
    create table "foo_c" (id integer primary key, "deferrable" text default 'deferrable initially deferred' /* deferrable */,
      a integer references foo_a (id) not deferrable initially immediate, total integer generated always as (id + 1) stored) strict;
    create unique index foo_c_a on foo_c (a);
    insert into foo_c (a) select id from foo_a;
    create table foo_d as select name, (select count(*) from zones_zone) as zones from foo_a;
    create virtual table foo_text using fts5(name, content='');
    insert into foo_text (rowid, name) values (1, 'yard');
    create view foo_v as select d.id, d.camera_id, c.id as c from detections d join foo_c c on c.id = d.seq;
    create trigger foo_t instead of insert on foo_v begin insert into foo_a (name) values (new.id); delete from foo_c; end;
    create trigger foo_u after insert on foo_c begin insert into foo_text (rowid, name) values (new.id, 'y'); end;
    alter table foo_c rename column a to parent;
    alter table foo_a rename to foo_all;
    alter table foo_all drop column note;
    drop table foo_b;
    insert into foo_all (name) values ('y') returning id;
    select count(*) from cameras;`);
  expect(store.up(store.plugin('foo')).applied).toEqual(['0002_next']);
  expect(store.db.prepare('select parent, total from foo_c').all()).toEqual([{ parent: 1, total: 2 }]);
  expect(store.db.prepare('select name, zones from foo_d').all()).toEqual([{ name: 'x', zones: 1 }]);
  expect(store.db.prepare(`select rowid from foo_text where foo_text match 'yard'`).all()).toEqual([
    { rowid: 1 },
  ]);
});

test('the kernel may not take names of a plugin', () => {
  using store = storeWith({
    'zones/0001_zones.sql': 'create table zones_zone (id integer primary key);',
    'next/0001_kernel.sql': 'select 1;',
    'next/0002_more.sql': 'create table zones_more (id);',
  });
  store.up(store.plugin('zones'));
  store.db.exec(`delete from schema_migrations where owner = 'kernel'`);
  const kernel = { name: 'kernel', prefix: '', folder: `${store.path}/next`, release: 'all' as const };
  expect(() => migrate(store.db, kernel, { clock: systemClock, allowDrafts: false })).toThrow(
    /kernel: .*0002_more\.sql:1: creates the table zones_more, a name of zones/,
  );
});
