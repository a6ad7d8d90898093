/** Which tables does a plugin's statement write, and which have consumers ever written? Tells their rows from those of routes, jobs and handlers. */
import type { SqliteDatabase } from './database.ts';
import { tablesWrittenBy } from './migrations/program.ts';
import type { WriteContext } from './write-context.ts';

export interface WrittenTables {
  readonly names: readonly string[];
  /** It makes rows; otherwise it only changes or deletes them. */
  readonly inserts: boolean;
}

/** Read from SQLite's compiled program, so triggers count too. */
export function writtenTables(db: SqliteDatabase, sql: string, params: readonly unknown[]): WrittenTables {
  return { names: tablesWrittenBy(db, sql, params), inserts: makesRows(sql) };
}

const comment = /--[^\n]*|\/\*[\s\S]*?\*\//g;

function makesRows(sql: string): boolean {
  const text = sql.replace(comment, ' ').trim();
  const [verb = ''] = /^[a-z]+/i.exec(text) ?? [];
  if (verb.toLowerCase() === 'with') return /\b(?:insert|replace)\s+(?:or\s+\w+\s+)?into\b/i.test(text);
  return /^(?:insert|replace)$/i.test(verb);
}

/** Keeps what is new of it; costs a look-up for what is known. */
export function noteWrittenTables(
  ctx: WriteContext,
  consumerId: number,
  written: readonly WrittenTables[],
): void {
  for (const { names, inserts } of written)
    for (const name of names) {
      const key = `${consumerId} ${inserts ? 'makes' : 'changes'} ${name}`;
      if (ctx.noted.has(key)) continue;
      ctx
        .sql(
          `INSERT INTO consumer_tables (consumer_id, name, inserts) VALUES (?, ?, ?)
           ON CONFLICT (consumer_id, name) DO UPDATE SET inserts = max(inserts, excluded.inserts)`,
        )
        .run(consumerId, name, Number(inserts));
      ctx.noted.add(key);
    }
}
