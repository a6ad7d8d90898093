/** May a plugin's statement run in the transaction that it shares with others? Decided on SQLite's own compiled program, once per text. */
import { HeldarError, messageOf } from '../errors.ts';
import type { SqliteDatabase } from './database.ts';
import { ensureLedger, prefixesOf, readLedger } from './migrations/ledger.ts';
import type { Prefixes } from './migrations/owner.ts';
import { refusalOfWrites } from './migrations/program.ts';
import { tablePrefixOf } from './table-prefix.ts';
import type { SqlValue } from './units.ts';
import { writtenTables, type WrittenTables } from './written-tables.ts';

export interface StatementGuard {
  /**
   * The tables it writes; the same object for the same text.
   * @throws HeldarError `effect_refused` naming plugin, reason and statement.
   */
  checkWrite(plugin: string, sql: string, params: readonly SqlValue[]): WrittenTables;
  /** Forget what was decided; the schema changed. */
  invalidate(): void;
}

interface Instruction {
  readonly opcode: string;
  readonly p1: number;
}

const dml = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*(?:insert|update|delete|replace|with)\b/i;
const writing = new Set(['OpenWrite', 'Clear', 'VUpdate']);
const decisionsKept = 2000;

export function createStatementGuard(db: SqliteDatabase): StatementGuard {
  const decided = new Map<string, WrittenTables>();
  let known: Prefixes | null = null;

  const prefixes = (plugin: string): Prefixes => {
    if (known === null) {
      ensureLedger(db);
      known = prefixesOf(readLedger(db));
    }
    return known.has(plugin) ? known : new Map([...known, [plugin, tablePrefixOf(plugin)]]);
  };

  return {
    checkWrite(plugin, sql, params) {
      const key = `${plugin}\0${sql}`;
      const before = decided.get(key);
      if (before !== undefined) return before;
      const problem = refusal(db, plugin, sql, params, prefixes(plugin));
      if (problem !== null)
        throw new HeldarError('effect_refused', `${plugin}: ${problem}: ${excerpt(sql)}`, {
          details: { plugin },
        });
      if (decided.size >= decisionsKept) decided.clear();
      const written = writtenTables(db, sql, params);
      decided.set(key, written);
      return written;
    },
    invalidate() {
      decided.clear();
      known = null;
    },
  };
}

function refusal(
  db: SqliteDatabase,
  plugin: string,
  sql: string,
  params: readonly SqlValue[],
  prefixes: Prefixes,
): string | null {
  if (!dml.test(sql)) return 'only INSERT, UPDATE, DELETE and REPLACE can be effects';
  try {
    const refused = refusalOfWrites(db, sql, { name: plugin }, prefixes, params);
    if (refused !== null) return `it ${refused}`;
    const program = db.prepare(`EXPLAIN ${sql}`).all(...params) as Instruction[];
    if (program.some(({ opcode, p1 }) => opcode === 'FkCounter' && p1 !== 0))
      return 'a deferred foreign key could fail the commit of other plugins';
    if (!program.some(({ opcode }) => writing.has(opcode))) return 'it writes nothing';
    return /\bsqlite_sequence\b/i.test(sql) ? 'sqlite_sequence belongs to the store' : null;
  } catch (error) {
    return `the statement does not compile (${messageOf(error)})`;
  }
}

function excerpt(sql: string): string {
  const line = sql.replace(/\s+/g, ' ').trim();
  return line.length > 160 ? `${line.slice(0, 160)}…` : line;
}
