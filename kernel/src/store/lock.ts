/** Is another kernel using this data folder? A lock that the system releases however the process ends. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { HeldarError, messageOf } from '../errors.ts';

export interface DataFolderLock {
  /** May be called twice. */
  release(): void;
}

/**
 * Takes the folder for this process. The lock is SQLite's own exclusive file lock on `kernel.lock`: it needs no clean-up after a
 * crash, and works wherever the database itself would.
 * @throws HeldarError `data_locked` when another process holds it.
 */
export function lockDataFolder(folder: string): DataFolderLock {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'kernel.lock');
  const db = new Database(file, { timeout: 0 });
  try {
    db.pragma('locking_mode = EXCLUSIVE');
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if ((error as { code?: string }).code === 'SQLITE_BUSY')
      throw new HeldarError(
        'data_locked',
        `the data folder ${folder} is in use by another kernel; stop it, or start this one with another HELDAR_DATA_DIR`,
      );
    throw new HeldarError('store_unusable', `cannot lock ${file}: ${messageOf(error)}`, { cause: error });
  }
  return {
    release() {
      if (!db.open) return;
      db.exec('ROLLBACK');
      db.close();
    },
  };
}

/** Does a kernel hold this folder? Takes nothing itself. */
export function isDataFolderHeld(folder: string): boolean {
  const file = join(folder, 'kernel.lock');
  if (!existsSync(file)) return false;
  const db = new Database(file, { readonly: true, timeout: 0 });
  try {
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    return false;
  } catch (error) {
    if ((error as { code?: string }).code === 'SQLITE_BUSY') return true;
    throw error;
  } finally {
    db.close();
  }
}
