/** Does the package say of itself what is in it? */
import { readdirSync, readFileSync } from 'node:fs';
import { isPlugin } from '@heldar/plugin-sdk';
import Sqlite from 'better-sqlite3';
import { getTableConfig } from 'drizzle-orm/sqlite-core';
import { expect, test } from 'vitest';
import plugin from '../src/index.ts';
import { zoneEvents, zones } from '../src/schema.ts';

const root = new URL('../', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as {
  heldar: { name: string; tablePrefix: string; release: string[] };
};

test('the plugin and its package agree on the name', () => {
  expect(isPlugin(plugin)).toBe(true);
  expect(plugin.definition.name).toBe(manifest.heldar.name);
});

test('every migration is named as released, in order', () => {
  const files = readdirSync(new URL('migrations', root)).sort();
  expect(files.filter((file) => !file.endsWith('.down.sql'))).toEqual(manifest.heldar.release);
});

test('the tables that code sees are the tables that the migrations make', () => {
  const sqlite = new Sqlite(':memory:');
  for (const file of manifest.heldar.release) {
    sqlite.exec(readFileSync(new URL(`migrations/${file}`, root), 'utf8'));
  }
  const made = sqlite
    .prepare(
      `SELECT m.name || '.' || c.name || ' ' || c.type || ' ' || (c."notnull" OR c.pk)
              FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY 1`,
    )
    .pluck()
    .all();
  const seen = [zones, zoneEvents].flatMap((table) => {
    const { name, columns } = getTableConfig(table);
    return columns.map(
      (column) => `${name}.${column.name} ${column.getSQLType().toUpperCase()} ${Number(column.notNull)}`,
    );
  });
  expect(made).toEqual(seen.sort());
  const names = sqlite.prepare("SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'").pluck().all();
  for (const name of names) expect(name).toMatch(new RegExp(`^${manifest.heldar.tablePrefix}`));
  sqlite.close();
});
