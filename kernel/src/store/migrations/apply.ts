/** How does one migration reach the live database: whole or not at all, also when the process dies? */
import { failpoint } from '../../runtime/failpoint.ts';
import type { SqliteDatabase } from '../database.ts';
import { withForeignKeysOff } from './foreign-keys.ts';

/** Runs `change` (the migration and its line in the ledger) in a transaction of its own, foreign keys off. */
export function applyWhole<Result>(db: SqliteDatabase, change: () => Result): Result {
  return withForeignKeysOff(db, () => {
    const transaction = db.transaction(() => {
      const result = change();
      failpoint('migration-before-commit');
      return result;
    });
    const result = transaction.immediate();
    failpoint('migration-after-commit');
    return result;
  });
}
