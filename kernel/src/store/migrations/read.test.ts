import { expect, test } from 'vitest';
import { folderWith } from '../../../test/folder-with.ts';
import { readMigrations } from './read.ts';

function read(files: Record<string, string>) {
  using folder = folderWith({ 'm/readme.md': 'not SQL', ...files });
  return readMigrations(folder.file('m'));
}

test('migrations come in order, each with its way down', () => {
  const found = read({
    'm/0002_more.sql': 'select 2;',
    'm/0001_first.sql': 'select 1;',
    'm/0002_more.down.sql': 'select -2;',
  });
  expect(found.map(({ name, sql, downSql }) => ({ name, sql, downSql }))).toEqual([
    { name: '0001_first', sql: 'select 1;', downSql: null },
    { name: '0002_more', sql: 'select 2;', downSql: 'select -2;' },
  ]);
  expect(found[0]?.file).toMatch(/m[\\/]0001_first\.sql$/);
});

test('line ends and a byte order mark do not change the checksum, anything else does', () => {
  const [unix] = read({ 'm/0001_a.sql': 'select 1;\nselect 2;\n' });
  const [windows] = read({ 'm/0001_a.sql': '\uFEFFselect 1;\r\nselect 2;\r\n' });
  const [other] = read({ 'm/0001_a.sql': 'select 1;\nselect 2; \n' });
  expect(unix?.checksum).toMatch(/^[0-9a-f]{64}$/);
  expect(windows?.checksum).toBe(unix?.checksum);
  expect(other?.checksum).not.toBe(unix?.checksum);
});

test('a folder without SQL holds no migrations', () => {
  expect(read({})).toEqual([]);
});

test.for<[string, Record<string, string>, RegExp]>([
  ['a gap', { 'm/0001_a.sql': '', 'm/0003_c.sql': '' }, /no 0002_… between 0001_a\.sql and 0003_c\.sql/],
  [
    'a duplicate',
    { 'm/0001_a.sql': '', 'm/0001_b.sql': '' },
    /0001_a\.sql and 0001_b\.sql have the same number/,
  ],
  ['a late beginning', { 'm/0002_a.sql': '' }, /the first migration is 0002_a\.sql, not 0001_…/],
  ['another name', { 'm/zones.sql': '' }, /zones\.sql is not a migration's name/],
  [
    'a way down of nothing',
    { 'm/0001_a.sql': '', 'm/0002_b.down.sql': '' },
    /0002_b\.down\.sql has no 0002_b\.sql/,
  ],
])('%s is refused with the names of the files', ([, files, message]) => {
  expect(() => read(files)).toThrow(
    expect.objectContaining({ code: 'migration_failed', message: expect.stringMatching(message) }),
  );
});

test('a folder that is not there is named', () => {
  expect(() => readMigrations('/nowhere/at/all')).toThrow(/cannot read the migrations in \/nowhere\/at\/all/);
});
