import { sql, type Statement } from '@heldar/plugin-sdk';
import Database from 'better-sqlite3';
import { eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { expect, test } from 'vitest';
import { renderStatement } from './statement.ts';

const visits = sqliteTable('parking_visits', {
  id: text().primaryKey(),
  since: integer(),
  open: integer({ mode: 'boolean' }),
});
const db = drizzle({ client: new Database(':memory:') });

test('a drizzle query is rendered once, with its parameters', () => {
  const values = { id: 'v1', since: 5, open: true };
  const rendered = renderStatement(db.insert(visits).values(values));
  values.since = 99;
  expect(rendered).toEqual({
    sql: 'insert into "parking_visits" ("id", "since", "open") values (?, ?, ?)',
    params: ['v1', 5, 1],
  });
  expect(renderStatement(db.delete(visits).where(eq(visits.id, 'v1')))).toEqual({
    sql: 'delete from "parking_visits" where "parking_visits"."id" = ?',
    params: ['v1'],
  });
});

test('a template is rendered with what SQLite can bind', () => {
  const bytes = new Uint8Array([1, 2]);
  expect(
    renderStatement(sql`update t set a = ${'x'}, b = ${null}, c = ${true}, d = ${7n}, e = ${bytes}`),
  ).toEqual({
    sql: 'update t set a = ?, b = ?, c = ?, d = ?, e = ?',
    params: ['x', null, 1, 7n, bytes],
  });
});

test('a parameter that SQLite cannot bind is named with its statement', () => {
  expect(() => renderStatement(sql`update t set a = ${1}, b = ${{ deep: true }}`)).toThrow(
    'parameter 2 of "update t set a = ?, b = ?" is object; SQLite takes text, numbers, bytes and null',
  );
});

test.for([{}, { sql: 'delete from t' }])('%o is no statement', (value) => {
  expect(() => renderStatement(value as Statement)).toThrow('expected a drizzle query or an sql`…` template');
});
