/**
 * What would a statement write? Read from SQLite's compiled program (EXPLAIN), which shows triggers too, not from the text.
 *
 * Opcodes and their operands: https://www.sqlite.org/opcode.html
 */
import type { SqliteDatabase } from '../database.ts';
import { ownerOf, quoted, type MigrationOwner, type Prefixes } from './owner.ts';

interface Instruction {
  readonly opcode: string;
  readonly p1: number;
  readonly p2: number;
  readonly p3: number;
  readonly p4: string | null;
  readonly p5: number;
}

const transactional = new Set([
  'AutoCommit',
  'Savepoint',
  'Vacuum',
  'IncrVacuum',
  'JournalMode',
  'Checkpoint',
]);
/** OE_Rollback of SQLite's conflict handling: the whole transaction goes. */
const onErrorRollback = 1;
/** OPFLAG_P2ISREG: P2 is a register, the page of a table or index the statement itself creates. */
const pageInRegister = 0x10;
const schemaPage = 1;

/**
 * The first write that is not the owner's, as a sentence without a subject; null when there is none.
 * Must see the schema the statement will run on. Throws what SQLite throws when the statement does not compile.
 */
export function refusalOfWrites(
  db: SqliteDatabase,
  sql: string,
  owner: Pick<MigrationOwner, 'name'>,
  prefixes: Prefixes,
  params: readonly unknown[] = [],
): string | null {
  const program = db.prepare(`EXPLAIN ${sql}`).all(...params) as Instruction[];
  const tables = readRootPages(db);
  let subprogram = -1;
  for (const { opcode, p1, p2, p3, p4, p5 } of program) {
    if (opcode === 'Init') subprogram += 1;
    if (transactional.has(opcode)) return 'would end or change the transaction it runs in';
    if ((opcode === 'Halt' || opcode === 'HaltIfNull') && p1 !== 0 && p2 === onErrorRollback)
      return 'would end the transaction it runs in (ROLLBACK as conflict handling); use ABORT';
    if (opcode === 'VUpdate' && !ownVirtualTables(db, owner, prefixes).has(p4 ?? ''))
      return `writes a virtual table that is not of ${owner.name}`;
    if (opcode === 'CreateBtree' && p1 !== 0)
      return 'creates a temporary object; use a table of its own and drop it';
    if ((opcode !== 'OpenWrite' && opcode !== 'Clear') || (p5 & pageInRegister) !== 0) continue;
    const [page, database] = opcode === 'OpenWrite' ? [p2, p3] : [p1, p2];
    if (page === schemaPage) continue;
    const table = database === 0 ? (tables.get(page) ?? `page ${page}`) : 'a temporary table';
    // SQLite keeps AUTOINCREMENT there, at the end of the statement itself; the rows are compared afterwards.
    if (table === 'sqlite_sequence' && subprogram === 0) continue;
    if (database !== 0 || !tables.has(page) || ownerOf(table, prefixes) !== owner.name)
      return `writes ${table}, which is not of ${owner.name}`;
  }
  return null;
}

/** The tables of `main` it opens for writing, also through triggers; those of SQLite itself left out. */
export function tablesWrittenBy(db: SqliteDatabase, sql: string, params: readonly unknown[]): string[] {
  const program = db.prepare(`EXPLAIN ${sql}`).all(...params) as Instruction[];
  const tables = readRootPages(db);
  const names = new Set<string>();
  for (const { opcode, p1, p2, p3 } of program) {
    if (opcode !== 'OpenWrite' && opcode !== 'Clear') continue;
    const [page, database] = opcode === 'OpenWrite' ? [p2, p3] : [p1, p2];
    const name = database === 0 ? tables.get(page) : undefined;
    if (name !== undefined && !name.startsWith('sqlite_')) names.add(name);
  }
  return [...names];
}

function readRootPages(db: SqliteDatabase): Map<number, string> {
  const rows = db
    .prepare('SELECT rootpage, tbl_name AS name FROM main.sqlite_schema WHERE rootpage > 0')
    .all() as { rootpage: number; name: string }[];
  return new Map(rows.map((row) => [row.rootpage, row.name]));
}

/** A virtual table has no page: its programs name it by its address in this process, which a program known to be its own shows. */
function ownVirtualTables(
  db: SqliteDatabase,
  owner: Pick<MigrationOwner, 'name'>,
  prefixes: Prefixes,
): Set<string> {
  const tables = db.prepare(`SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'virtual'`);
  const addresses = new Set<string>();
  for (const { name } of tables.all() as { name: string }[]) {
    if (ownerOf(name, prefixes) !== owner.name) continue;
    const program = db.prepare(`EXPLAIN DELETE FROM main.${quoted(name)}`).all() as Instruction[];
    for (const { opcode, p4 } of program) if (opcode === 'VUpdate' && p4 !== null) addresses.add(p4);
  }
  return addresses;
}
