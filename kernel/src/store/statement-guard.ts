/**
 * May a plugin's statement run? Decided on SQLite's own compiled program (EXPLAIN), not on its text: which tables it writes, also
 * through triggers, and whether it could end the transaction that other units share.
 *
 * Opcodes and their operands: https://www.sqlite.org/opcode.html
 */
import { HeldarError, messageOf } from '../errors.ts';
import type { SqliteDatabase } from './database.ts';
import type { SqlValue } from './units.ts';

export interface StatementGuard {
  /** @throws HeldarError `effect_refused` naming the reason. */
  checkWrite(plugin: string, tablePrefix: string, sql: string, params: readonly SqlValue[]): void;
  /** Forget what was decided; the schema changed. */
  invalidate(): void;
}

interface Instruction {
  opcode: string;
  p1: number;
  p2: number;
  p3: number;
  p4: string | null;
  p5: number;
}

/** OE_Rollback of SQLite's conflict handling: the whole transaction goes. */
const onErrorRollback = 1;
const firstWords = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*(insert|update|delete|replace|with)\b/i;
const transactional = new Set([
  'AutoCommit',
  'Savepoint',
  'Vacuum',
  'JournalMode',
  'Checkpoint',
  'IncrVacuum',
]);
const schemaChanging = new Set([
  'CreateBtree',
  'Destroy',
  'DropTable',
  'DropIndex',
  'DropTrigger',
  'ParseSchema',
  'SetCookie',
]);
const decisionsKept = 2000;

export function createStatementGuard(db: SqliteDatabase): StatementGuard {
  const decided = new Set<string>();
  let owners: Map<number, string> | null = null;

  const tableOf = (rootPage: number): string => {
    owners ??= readRootPages(db);
    return owners.get(rootPage) ?? `root page ${rootPage}`;
  };

  return {
    checkWrite(plugin, tablePrefix, sql, params) {
      const key = `${tablePrefix}\0${sql}`;
      if (decided.has(key)) return;
      const problem = examine(db, sql, params, tablePrefix, tableOf);
      if (problem !== null)
        throw new HeldarError('effect_refused', `${plugin}: ${problem}: ${excerpt(sql)}`, {
          details: { plugin, sql },
        });
      if (decided.size >= decisionsKept) decided.clear();
      decided.add(key);
    },
    invalidate() {
      decided.clear();
      owners = null;
    },
  };
}

function examine(
  db: SqliteDatabase,
  sql: string,
  params: readonly SqlValue[],
  tablePrefix: string,
  tableOf: (rootPage: number) => string,
): string | null {
  if (!firstWords.test(sql)) return 'only INSERT, UPDATE, DELETE and REPLACE can be effects';
  let program: Instruction[];
  try {
    program = db.prepare(`EXPLAIN ${sql}`).all(...params) as Instruction[];
  } catch (error) {
    return `the statement does not compile (${messageOf(error)})`;
  }
  let writes = 0;
  for (const { opcode, p1, p2 } of program) {
    if (transactional.has(opcode)) return 'it would end or change the shared transaction';
    if (schemaChanging.has(opcode)) return 'it would change the schema; use a migration';
    if ((opcode === 'Halt' || opcode === 'HaltIfNull') && p1 !== 0 && p2 === onErrorRollback)
      return 'OR ROLLBACK would end the transaction of other plugins; use OR ABORT';
    if (opcode === 'FkCounter' && p1 !== 0)
      return 'a deferred foreign key could fail the commit of other plugins';
    if (opcode === 'VUpdate') {
      writes += 1;
      continue;
    }
    if (opcode !== 'OpenWrite' && opcode !== 'Clear') continue;
    const table = tableOf(opcode === 'OpenWrite' ? p2 : p1);
    writes += 1;
    if (!table.startsWith(tablePrefix))
      return `it writes ${table}, which is not a table of its own (${tablePrefix}…), perhaps through a trigger`;
  }
  return writes === 0 ? 'it writes nothing' : null;
}

function readRootPages(db: SqliteDatabase): Map<number, string> {
  const rows = db.prepare('SELECT rootpage, tbl_name FROM sqlite_schema WHERE rootpage > 0').all() as {
    rootpage: number;
    tbl_name: string;
  }[];
  const pages = new Map(rows.map((row) => [row.rootpage, row.tbl_name]));
  pages.set(1, 'sqlite_schema');
  return pages;
}

function excerpt(sql: string): string {
  const line = sql.replace(/\s+/g, ' ').trim();
  return line.length > 160 ? `${line.slice(0, 160)}…` : line;
}
