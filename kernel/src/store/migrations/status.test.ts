import { expect, test } from 'vitest';
import { clock, kernelMigrations, storeWith } from './fixtures/store-with.ts';
import { kernelOwner } from './owner.ts';
import { readMigrations } from './read.ts';
import { migrationStatus } from './status.ts';

test('the status of all owners, also of one that is not installed any more', () => {
  using store = storeWith({
    'gone/0001_gone.sql': 'create table gone_x (a);',
    'zones/0001_zones.sql': 'create table zones_zone (a);',
    'zones/0002_draft.sql': 'create table zones_draft (a);',
    'zones/0003_more.sql': 'create table zones_more (a);',
  });
  const zones = store.plugin('zones', { release: ['0001_zones'] });
  store.up(store.plugin('gone'));
  store.up(zones);
  store.write({
    'zones/0003_more.sql': 'create table zones_other (a);',
    'zones/0004_next.sql': 'create table zones_next (a);',
  });
  const at = clock.now();
  expect(migrationStatus(store.db, [kernelOwner(kernelMigrations), zones])).toEqual([
    ...readMigrations(kernelMigrations).map(({ name }) => ({
      owner: 'kernel',
      name,
      state: 'applied',
      appliedAt: at,
    })),
    { owner: 'zones', name: '0001_zones', state: 'applied', appliedAt: at },
    { owner: 'zones', name: '0002_draft', state: 'draft', appliedAt: at },
    { owner: 'zones', name: '0003_more', state: 'draft-edited', appliedAt: at },
    { owner: 'zones', name: '0004_next', state: 'pending', appliedAt: null },
    { owner: 'gone', name: '0001_gone', state: 'missing', appliedAt: at },
  ]);
});
