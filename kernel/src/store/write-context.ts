/** What every writer function works with, inside the transaction of its unit. */
import type { Statement } from 'better-sqlite3';
import type { Keyring } from '../secrets/keyring.ts';
import type { SqliteDatabase } from './database.ts';
import type { StatementGuard } from './statement-guard.ts';
import type { LoggedRecord } from './units.ts';

export interface WriteContext {
  readonly db: SqliteDatabase;
  readonly guard: StatementGuard;
  /** 12 hex digits, the same for the life of the store. */
  readonly storeId: string;
  readonly keyring: Keyring;
  /** When the kernel took this unit, ms since the epoch; never decreases. */
  readonly now: number;
  /** Control records this unit appended to the log. */
  readonly appended: LoggedRecord[];
  /** What is known to stand in `consumer_tables`; emptied when anything is rolled back. */
  readonly noted: Set<string>;
  /** Prepares once per text. */
  sql(text: string): Statement<unknown[], unknown>;
}
