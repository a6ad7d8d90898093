import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { storeWith, type TestStore } from './fixtures/store-with.ts';
import { migrationStatus } from './status.ts';

const child = fileURLToPath(new URL('./fixtures/migrate-in-child.ts', import.meta.url));
const migrations = {
  'zones/0001_zones.sql':
    'create table zones_zone (id integer primary key); insert into zones_zone values (1), (2);',
  'zones/0002_points.sql':
    'create table zones_point (zone references zones_zone (id)); insert into zones_point select id from zones_zone;',
};

function migrateInChild(store: TestStore, failpoint: string | undefined) {
  return spawnSync(
    process.execPath,
    ['--conditions=heldar-source', child, store.file, `${store.path}/zones`],
    { encoding: 'utf8', env: { ...process.env, HELDAR_FAILPOINT: failpoint } },
  );
}

test.for<[string, string[]]>([
  ['migration-before-commit', []],
  ['migration-after-commit', ['0001_zones']],
  ['migration-before-commit:2', ['0001_zones']],
  ['migration-after-commit:2', ['0001_zones', '0002_points']],
])(
  'killed at %s, whole migrations are there or not at all, and the next run finishes',
  ([failpoint, expected]) => {
    using store = storeWith(migrations);
    expect(migrateInChild(store, failpoint)).toMatchObject({ signal: 'SIGKILL', stdout: '' });
    const applied = () =>
      migrationStatus(store.db, [store.plugin('zones')])
        .filter(({ state }) => state === 'applied')
        .map(({ name }) => name);
    const tables = () =>
      store.db
        .prepare(`select name from sqlite_schema where type = 'table' and name like 'zones%' order by name`)
        .pluck()
        .all();
    expect(applied()).toEqual(expected);
    expect(tables()).toEqual(['zones_zone', 'zones_point'].slice(0, expected.length).sort());
    const all = ['0001_zones', '0002_points'];
    const rest = migrateInChild(store, undefined);
    expect(rest).toMatchObject({ status: 0, stdout: JSON.stringify(all.slice(expected.length)) });
    expect(applied()).toEqual(all);
    expect(store.db.prepare('select count(*) as n from zones_point').get()).toEqual({ n: 2 });
  },
);
