/** Do the drizzle tables in the code and the tables in the database say the same? */
import { is, SQL } from 'drizzle-orm';
import {
  getTableConfig,
  SQLiteSyncDialect,
  type SQLiteColumn,
  type SQLiteTable,
} from 'drizzle-orm/sqlite-core';
import type { SqliteDatabase } from '../database.ts';
import { prefixesOf, readLedger } from './ledger.ts';
import { kernelName, ledgerTable, ownerOf, type Prefixes } from './owner.ts';

type TableConfig = ReturnType<typeof getTableConfig>;

interface LiveColumn {
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
  readonly dflt_value: string | null;
  /** Position in the primary key, from 1; 0: not part of it. */
  readonly pk: number;
}

/**
 * Differences as sentences, none when there are none: columns (name, affinity, NOT NULL, primary key, default where drizzle declares
 * one), tables without a counterpart. Indexes and checks are the migrations' alone.
 *
 * @param owner whose tables `tables` are.
 */
export function schemaDrift(
  db: SqliteDatabase,
  tables: readonly SQLiteTable[],
  owner: { name: string; prefix: string } = { name: kernelName, prefix: '' },
): string[] {
  const configs = tables.map((table) => getTableConfig(table));
  const prefixes = new Map(prefixesOf(readLedger(db)));
  if (owner.prefix !== '') prefixes.set(owner.name, owner.prefix);
  const defined = new Set(configs.map(({ name }) => name));
  return [
    ...configs.flatMap((config) => tableDrift(db, config)),
    ...ownTableNames(db, owner.name, prefixes)
      .filter((name) => !defined.has(name))
      .map((name) => `${name}: in the database, not in the code`),
  ];
}

function ownTableNames(db: SqliteDatabase, owner: string, prefixes: Prefixes): string[] {
  const names = db
    .prepare(
      `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual') AND name <> ? ORDER BY name`,
    )
    .pluck()
    .all(ledgerTable) as string[];
  return names.filter((name) => ownerOf(name, prefixes) === owner);
}

function tableDrift(db: SqliteDatabase, config: TableConfig): string[] {
  const live = db
    .prepare('SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_xinfo(?) WHERE hidden <> 1')
    .all(config.name) as LiveColumn[];
  if (live.length === 0) return [`${config.name}: in the code, not in the database`];
  const liveByName = new Map(live.map((column) => [column.name, column]));
  const defined = new Set(config.columns.map(({ name }) => name));
  const key = primaryKeyOf(config);
  const liveKey = live.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
  const keys = [key.join(', '), liveKey.map(({ name }) => name).join(', ')] as const;
  return [
    ...config.columns.flatMap((column) => columnDrift(config.name, column, liveByName.get(column.name))),
    ...live
      .filter(({ name }) => !defined.has(name))
      .map(({ name }) => `${config.name}.${name}: in the database, not in the code`),
    ...(keys[0] === keys[1]
      ? []
      : [`${config.name}: primary key (${keys[0]}) in the code, (${keys[1]}) in the database`]),
  ];
}

function primaryKeyOf({ columns, primaryKeys }: TableConfig): string[] {
  const [composite] = primaryKeys;
  return (composite?.columns ?? columns.filter(({ primary }) => primary)).map(({ name }) => name);
}

function columnDrift(table: string, column: SQLiteColumn, live: LiveColumn | undefined): string[] {
  const name = `${table}.${column.name}`;
  if (live === undefined) return [`${name}: in the code, not in the database`];
  const differences: string[] = [];
  const differs = (what: string, code: string, database: string): void => {
    if (code !== database)
      differences.push(`${name}: ${what} ${code} in the code, ${database} in the database`);
  };
  differs('affinity', affinityOf(column.getSQLType()), affinityOf(live.type));
  // A primary key is NOT NULL for drizzle; for SQLite only when it says so.
  if (live.pk === 0) differs('nullability', nullability(column.notNull), nullability(live.notnull === 1));
  const declared = defaultOf(column);
  if (declared !== null) differs('default', declared, bare(live.dflt_value ?? 'none'));
  return differences;
}

function nullability(notNull: boolean): string {
  return notNull ? 'NOT NULL' : 'NULL';
}

/** https://www.sqlite.org/datatype3.html#determination_of_column_affinity */
function affinityOf(type: string): string {
  const upper = type.toUpperCase();
  if (upper.includes('INT')) return 'INTEGER';
  if (/CHAR|CLOB|TEXT/.test(upper)) return 'TEXT';
  if (upper === '' || upper.includes('BLOB')) return 'BLOB';
  return /REAL|FLOA|DOUB/.test(upper) ? 'REAL' : 'NUMERIC';
}

/** As SQL; null when drizzle declares none that the database would hold. */
function defaultOf(column: SQLiteColumn): string | null {
  const value: unknown = column.default;
  if (value === undefined) return null;
  if (is(value, SQL)) return bare(new SQLiteSyncDialect().sqlToQuery(value.inlineParams()).sql);
  const stored: unknown = column.mapToDriverValue(value);
  if (typeof stored === 'string') return `'${stored.replaceAll("'", "''")}'`;
  return stored === null ? 'NULL' : JSON.stringify(stored);
}

/** Without the parentheses an expression is written in. */
function bare(expression: string): string {
  const trimmed = expression.trim();
  return trimmed.startsWith('(') && trimmed.endsWith(')') ? bare(trimmed.slice(1, -1)) : trimmed;
}
