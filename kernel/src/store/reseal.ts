/** Where secrets lie in the database, and how all of them get another seal. */
import { chainKeyName, chainKeyPlace, type Keyring } from '../secrets/keyring.ts';
import { secretNames, sealedPlace } from './cameras.ts';
import type { SqliteDatabase } from './database.ts';

/** Columns of sealed text: each is sealed for `<table>/<id>/<column>`. */
const sealedColumns = [
  {
    table: 'camera_secrets',
    id: 'camera_id',
    columns: Object.values(secretNames),
  },
] as const;

/** In one transaction. Answers how many. @throws HeldarError `secret_unreadable` naming the first that does not open; then nothing has changed. */
export function resealAll(db: SqliteDatabase, from: Keyring, to: Keyring): number {
  return db.transaction(() => {
    let count = 0;
    for (const { table, id, columns } of sealedColumns)
      for (const column of columns) {
        const rows = db
          .prepare(`SELECT ${id} AS id, ${column} AS text FROM ${table} WHERE ${column} IS NOT NULL`)
          .all() as { id: string; text: string }[];
        const update = db.prepare(`UPDATE ${table} SET ${column} = ? WHERE ${id} = ?`);
        for (const row of rows) {
          const place = sealedPlace(table, row.id, column);
          update.run(to.seal(from.open(row.text, place), place), row.id);
        }
        count += rows.length;
      }
    const chain = to.seal(from.chainKey.toString('hex'), chainKeyPlace);
    db.prepare('UPDATE meta SET value = ? WHERE key = ?').run(chain, chainKeyName);
    return count;
  })();
}
