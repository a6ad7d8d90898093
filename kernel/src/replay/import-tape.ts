/** How does a tape reach a data folder? Read to its end first, so that a damaged one leaves not even a file behind. */
import { systemClock } from '../clock.ts';
import { openWriter } from '../store/database.ts';
import { kernelMigrations } from '../store/kernel-migrations.ts';
import { lockDataFolder } from '../store/lock.ts';
import { migrate } from '../store/migrations/migrate.ts';
import { importLog } from '../store/tape-import.ts';
import type { Tape } from './read-tape.ts';

/** @throws HeldarError `tape_invalid`, `data_locked` while a kernel runs there, `conflict` when the store is not empty. */
export async function importTape(
  tape: Tape,
  into: { readonly dataDir: string; readonly databaseFile: string },
): Promise<{ records: number; batches: number }> {
  const counts = await tape.verify();
  const lock = lockDataFolder(into.dataDir);
  try {
    const db = openWriter(into.databaseFile);
    try {
      migrate(db, kernelMigrations(), { clock: systemClock, allowDrafts: false });
      await importLog(db, { ...tape.header, rows: tape.rows() });
    } finally {
      db.close();
    }
  } finally {
    lock.release();
  }
  return counts;
}
