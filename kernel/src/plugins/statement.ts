/** A plugin's statement as text and parameters, rendered once, at the call. */
import type { Statement } from '@heldar/plugin-sdk';
import { is, SQL } from 'drizzle-orm';
import { SQLiteSyncDialect } from 'drizzle-orm/sqlite-core';
import type { SqlValue } from '../store/units.ts';

const dialect = new SQLiteSyncDialect();

/** @throws TypeError for anything that is not a drizzle query or an `sql` template. */
export function renderStatement(statement: Statement): { sql: string; params: SqlValue[] } {
  const { sql, params } = rendered(statement);
  return { sql, params: params.map((value, index) => bindable(value, index, sql)) };
}

function rendered(statement: Statement): { sql: string; params: unknown[] } {
  if (is(statement, SQL)) return dialect.sqlToQuery(statement);
  if ('toSQL' in statement && typeof statement.toSQL === 'function') return statement.toSQL();
  if ('getSQL' in statement && typeof statement.getSQL === 'function')
    return dialect.sqlToQuery(statement.getSQL());
  throw new TypeError('expected a drizzle query or an sql`…` template');
}

function bindable(value: unknown, index: number, sql: string): SqlValue {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
      return value;
    case 'boolean':
      return value ? 1 : 0;
    default:
      if (value === null || value instanceof Uint8Array) return value;
      throw new TypeError(
        `parameter ${index + 1} of "${sql.slice(0, 80)}" is ${typeof value}; SQLite takes text, numbers, bytes and null`,
      );
  }
}
