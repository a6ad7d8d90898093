import { expect, test } from 'vitest';
import { storeWith, type TestStore } from './fixtures/store-with.ts';
import { readLedger } from './ledger.ts';
import { uninstall } from './uninstall.ts';

const migrations = {
  'zones/0001_zones.sql': `create table zones_zone (id integer primary key);
    create view zones_view as select * from zones_zone;
    create virtual table zones_text using fts5(name);
    create trigger zones_trigger after insert on zones_zone begin insert into zones_text values ('x'); end;`,
  'zones/0002_points.sql': 'create table zones_point (zone integer references zones_zone (id));',
  'zones/0002_points.down.sql': 'drop table zones_point;',
  'zones-extra/0001_extra.sql': 'create table zones_extra_x (id);',
};

function withConsumers(store: TestStore): void {
  store.db.exec(`insert into consumers (id, kind, plugin, name, ordering, epoch, start_seq, created_at)
      values (1, 'consumer', 'zones', 'c', 'camera', 1, 0, 0), (2, 'handler', 'zones', 'h', 'all', 1, 0, 0), (3, 'consumer', 'zones-extra', 'c', 'all', 1, 0, 0);
    insert into lanes values (1, 1, 5, 0), (2, 0, 5, 0), (3, 0, 5, 0);
    insert into consumer_state values (1, 1, 'k', '1'), (3, 0, 'k', '1');
    insert into generations values (1, 1, '1.0.0', '{}', 0), (3, 1, '1.0.0', '{}', 0);
    insert into consumer_tables values (1, 'zones_zone', 1), (3, 'zones_extra_x', 1);
    insert into parked values ('p', 1, 1, 'record', 1, '{}', 'e', 1, 0), ('q', 3, 0, 'record', 1, '{}', 'e', 1, 0)`);
}

test('uninstalling removes tables, ledger and consumers of the plugin, and nothing of others', () => {
  using store = storeWith(migrations);
  store.up(store.plugin('zones-extra'));
  store.db.exec(`insert into consumers (id, kind, plugin, name, ordering, epoch, start_seq, created_at)
      values (3, 'consumer', 'zones-extra', 'c', 'all', 1, 0, 0);
    insert into lanes values (3, 0, 5, 0); insert into consumer_state values (3, 0, 'k', '1');
    insert into generations values (3, 1, '1.0.0', '{}', 0); insert into consumer_tables values (3, 'zones_extra_x', 1);
    insert into parked values ('q', 3, 0, 'record', 1, '{}', 'e', 1, 0)`);
  const without = store.dump();
  store.db.exec('delete from consumers');
  store.up(store.plugin('zones'));
  withConsumers(store);
  store.db.exec('insert into zones_zone values (1); insert into zones_point values (1)');
  expect(uninstall(store.db, 'zones')).toEqual({
    down: ['0002_points'],
    dropped: ['zones_view', 'zones_text', 'zones_zone'],
    forgotten: ['0002_points', '0001_zones'],
    consumers: 2,
  });
  expect(store.dump()).toBe(without);
  expect(store.db.pragma('foreign_key_check')).toEqual([]);
  expect(store.up(store.plugin('zones')).applied).toEqual(['0001_zones', '0002_points']);
});

test('a down text that fails removes nothing; without down texts everything goes', () => {
  using store = storeWith({ ...migrations, 'zones/0002_points.down.sql': 'drop table zones_typo;' });
  store.up(store.plugin('zones'));
  withConsumers(store);
  const before = store.dump();
  expect(() => uninstall(store.db, 'zones')).toThrow(
    expect.objectContaining({ code: 'migration_failed', message: expect.stringContaining('zones_typo') }),
  );
  expect(store.dump()).toBe(before);
  expect(uninstall(store.db, 'zones', { skipDown: true })).toMatchObject({ down: [], consumers: 2 });
  expect([...new Set(readLedger(store.db).map(({ owner }) => owner))]).toEqual(['kernel']);
});

test('a plugin without migrations leaves its consumers only, whatever its name fits', () => {
  using store = storeWith();
  store.db.exec(
    `insert into consumers (kind, plugin, name, ordering, epoch, start_seq, created_at) values ('consumer', 'camera', 'c', 'all', 1, 0, 0)`,
  );
  expect(uninstall(store.db, 'camera')).toEqual({ down: [], dropped: [], forgotten: [], consumers: 1 });
  expect(store.db.prepare('select count(*) as n from camera_secrets').get()).toEqual({ n: 0 });
});

test("the kernel can't be uninstalled", () => {
  using store = storeWith();
  expect(() => uninstall(store.db, 'kernel')).toThrow(expect.objectContaining({ code: 'usage' }));
});
