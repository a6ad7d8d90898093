/** How a command writes to the store beside a kernel that may run: the same named write, in a transaction of its own. */
import { existsSync } from 'node:fs';
import { HeldarError } from '../errors.ts';
import type { Keyring } from '../secrets/keyring.ts';
import { openReader, openWriter, type SqliteDatabase } from './database.ts';
import { createGroupRunner } from './group.ts';
import type { NewAudit } from './units.ts';
import type { WriterArgs, WriterName, WriterResult } from './writers.ts';

/** Waits for the kernel's own writes, which take milliseconds. @throws HeldarError as the write does. */
export function writeOnce<Name extends WriterName>(
  { file, keyring }: { file: string; keyring: Keyring },
  name: Name,
  args: WriterArgs<Name>,
  now: number,
  audit: NewAudit,
): WriterResult<Name> {
  const db = openWriter(file);
  try {
    const unit = { kind: 'call', name, args, audit } as const;
    const [outcome] = createGroupRunner(db, keyring).run({
      id: 1,
      units: [{ unit, received: now }],
    }).outcomes;
    if (outcome === undefined) throw new Error('the write has no outcome');
    if ('failure' in outcome) throw new HeldarError(outcome.failure.code, outcome.failure.message);
    return outcome.result as WriterResult<Name>;
  } finally {
    db.close();
  }
}

export function readOnce<Result>(file: string, read: (db: SqliteDatabase) => Result): Result {
  requireStore(file);
  const db = openReader(file);
  try {
    return read(db);
  } finally {
    db.close();
  }
}

/** @throws HeldarError `usage` where no kernel of this version has run. */
export function requireStore(file: string): void {
  const next = 'next: run heldar migrate up, or start the kernel once';
  if (!existsSync(file)) throw new HeldarError('usage', `there is no database ${file}\n  ${next}`);
  const db = openReader(file);
  try {
    const found = db.prepare(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'audit'`).get();
    if (found === undefined) throw new HeldarError('usage', `${file} is of an older version\n  ${next}`);
  } finally {
    db.close();
  }
}
