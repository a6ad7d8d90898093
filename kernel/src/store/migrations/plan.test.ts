import { expect, test } from 'vitest';
import type { LedgerRow } from './ledger.ts';
import { planMigrations, refuseChanges } from './plan.ts';
import type { Migration } from './read.ts';

const row = (name: string, checksum: string, shipped: boolean): LedgerRow => ({
  owner: 'zones',
  prefix: 'zones_',
  name,
  checksum,
  downSql: null,
  appliedAt: 1,
  durationMs: 1,
  shipped,
});
const file = (name: string, checksum: string): Migration => ({
  name,
  file: `/zones/${name}.sql`,
  sql: '',
  checksum,
  downSql: null,
});
const owner = (release: readonly string[]) => ({ name: 'zones', prefix: 'zones_', folder: null, release });

function refusal(rows: LedgerRow[], files: Migration[], release: string[], allowDrafts = false): unknown {
  try {
    refuseChanges(owner(release), planMigrations(rows, files, owner(release)), { allowDrafts });
    return null;
  } catch (error) {
    return error;
  }
}

test('each migration has the state that ledger, file and release give it', () => {
  const plan = planMigrations(
    [
      row('0001_a', 'a', true),
      row('0002_b', 'old', true),
      row('0003_c', 'c', false),
      row('0004_d', 'old', false),
      row('0005_e', 'e', true),
    ],
    [file('0001_a', 'a'), file('0002_b', 'b'), file('0003_c', 'c'), file('0004_d', 'd'), file('0006_f', 'f')],
    { release: ['0001_a', '0002_b'] },
  );
  expect(plan.map(({ name, state, shipped }) => [name, state, shipped])).toEqual([
    ['0001_a', 'applied', true],
    ['0002_b', 'edited', true],
    ['0003_c', 'draft', false],
    ['0004_d', 'draft-edited', false],
    ['0005_e', 'missing', true],
    ['0006_f', 'pending', false],
  ]);
});

test('an edited shipped migration is refused even where drafts may change, with file and next step', () => {
  expect(refusal([row('0001_a', 'old', true)], [file('0001_a', 'new')], ['0001_a'], true)).toMatchObject({
    code: 'migration_changed',
    message:
      'zones: /zones/0001_a.sql was edited after it was applied; next: restore the file as it was released and put the change into a new migration',
  });
});

test('what was shipped when it was applied stays shipped when the release manifest forgets it', () => {
  expect(refusal([row('0001_a', 'old', true)], [file('0001_a', 'new')], [], true)).toMatchObject({
    code: 'migration_changed',
  });
});

test('a missing shipped migration points to the newer version that wrote it', () => {
  expect(refusal([row('0001_a', 'a', true)], [], [])).toMatchObject({
    code: 'migration_changed',
    message: expect.stringMatching(
      /^zones: 0001_a\.sql is applied but its file is gone; next: .* newer version of zones/,
    ),
  });
});

test('a changed draft is refused in production and let through in development', () => {
  const rows = [row('0001_a', 'old', false)];
  expect(refusal(rows, [file('0001_a', 'new')], [])).toMatchObject({
    code: 'migration_changed',
    message: expect.stringContaining('heldar migrate down zones'),
  });
  expect(refusal(rows, [file('0001_a', 'new')], [], true)).toBeNull();
  expect(refusal(rows, [], [])).toMatchObject({ code: 'migration_changed' });
  expect(refusal(rows, [], [], true)).toBeNull();
});

test('a draft that was released with another text is to be rolled back', () => {
  expect(refusal([row('0001_a', 'draft', false)], [file('0001_a', 'final')], ['0001_a'], true)).toMatchObject(
    {
      code: 'migration_changed',
      message: expect.stringContaining('this database holds a draft of it'),
    },
  );
});

test('a migration below an applied one is refused', () => {
  expect(
    refusal([row('0002_b', 'b', true)], [file('0001_a', 'a'), file('0002_b', 'b')], ['0001_a', '0002_b']),
  ).toMatchObject({
    code: 'migration_changed',
    message: expect.stringContaining('0002_b is applied but 0001_a'),
  });
});

test('a release manifest may name the files', () => {
  const files = [file('0001_a', 'a'), file('0002_b', 'b')];
  expect(refusal([], files, ['0001_a.sql'])).toBeNull();
  expect(refusal([row('0001_a', 'old', false)], files, ['0001_a.sql'], true)).toMatchObject({
    code: 'migration_changed',
  });
});

test('a release manifest with a hole or without its file is refused', () => {
  const files = [file('0001_a', 'a'), file('0002_b', 'b')];
  expect(refusal([], files, ['0002_b'])).toMatchObject({
    code: 'plugin_invalid',
    message: expect.stringContaining('names 0002_b but not 0001_a before it'),
  });
  expect(refusal([], files, ['0001_a', '0003_c'])).toMatchObject({
    code: 'plugin_invalid',
    message: expect.stringContaining('0003_c, which has no file'),
  });
  expect(refusal([], files, ['0001_a'])).toBeNull();
});
