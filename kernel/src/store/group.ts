/** How many units become durable together: one transaction, a savepoint for each unit that could fail. */
import type { Statement } from 'better-sqlite3';
import { HeldarError, messageOf, type ErrorCode } from '../errors.ts';
import { failpoint } from '../runtime/failpoint.ts';
import type { Keyring } from '../secrets/keyring.ts';
import { appendAudit } from './audit.ts';
import type { SqliteDatabase } from './database.ts';
import { applyLane } from './lanes.ts';
import { appendBatch } from './log.ts';
import { applyChange } from './plugin-writes.ts';
import { createStatementGuard } from './statement-guard.ts';
import type {
  BatchUnit,
  Failure,
  GroupReply,
  GroupRequest,
  LoggedRecord,
  NewAudit,
  Unit,
  UnitOutcome,
} from './units.ts';
import type { WriteContext } from './write-context.ts';
import { callWriter } from './writers.ts';

export interface GroupRunner {
  run(request: GroupRequest): GroupReply;
}

/** Prepared statements kept; plugins may render texts without end. */
const statementsKept = 1000;

export function createGroupRunner(db: SqliteDatabase, keyring: Keyring): GroupRunner {
  const storeId = (db.prepare(`SELECT value FROM meta WHERE key = 'store_id'`).get() as { value: string })
    .value;
  const guard = createStatementGuard(db);
  const prepared = new Map<string, Statement<unknown[], unknown>>();
  const sql = (text: string) => {
    let statement = prepared.get(text);
    if (statement === undefined) {
      if (prepared.size >= statementsKept) prepared.clear();
      prepared.set(text, (statement = db.prepare(text)));
    }
    return statement;
  };
  const base = { db, guard, storeId, keyring, sql, noted: new Set<string>() };

  return {
    run(request) {
      const outcomes = runTransaction(base, request);
      const { seq } = sql(`SELECT coalesce(max(seq), 0) AS seq FROM events`).get() as { seq: number };
      return { id: request.id, outcomes, journalHead: seq };
    },
  };
}

type Base = Omit<WriteContext, 'now' | 'appended'>;

function runTransaction(base: Base, request: GroupRequest): UnitOutcome[] {
  try {
    return attemptTransaction(base, request, 'batches unguarded');
  } catch (error) {
    undo(base);
    if (!(error instanceof UnguardedFault)) return failAll(request, error);
  }
  try {
    return attemptTransaction(base, request, 'all guarded');
  } catch (error) {
    undo(base);
    return failAll(request, error);
  }
}

function undo({ db, noted }: Base): void {
  if (db.inTransaction) db.exec('ROLLBACK');
  noted.clear();
}

function failAll(request: GroupRequest, error: unknown): UnitOutcome[] {
  const failure = { failure: { code: 'database' as const, message: messageOf(error) } };
  return request.units.map(() => failure);
}

/** A batch fails only when the database does; so none has a savepoint, unless one has failed. */
class UnguardedFault extends Error {}

function attemptTransaction(
  base: Base,
  request: GroupRequest,
  mode: 'batches unguarded' | 'all guarded',
): UnitOutcome[] {
  let batches = false;
  let lanes = false;
  base.db.exec('BEGIN IMMEDIATE');
  const outcomes = request.units.map(({ unit, received }) => {
    failpoint('group-between-units');
    batches ||= unit.kind === 'batch';
    lanes ||= unit.kind === 'lane';
    return unit.kind === 'batch' && mode === 'batches unguarded'
      ? runUnguarded(base, unit, received)
      : runUnit(base, unit, received);
  });
  if (batches) failpoint('log-before-commit');
  if (lanes) failpoint('effects-before-commit');
  base.db.exec('COMMIT');
  if (batches) failpoint('log-after-commit');
  if (lanes) failpoint('effects-after-commit');
  return outcomes;
}

function runUnguarded(base: Base, unit: BatchUnit, received: number): UnitOutcome {
  try {
    return { result: appendBatch({ ...base, now: received, appended: [] }, unit) };
  } catch (error) {
    throw new UnguardedFault(messageOf(error), { cause: error });
  }
}

function runUnit(base: Base, unit: Unit, received: number): UnitOutcome {
  const appended: LoggedRecord[] = [];
  const ctx: WriteContext = { ...base, now: received, appended };
  base.sql('SAVEPOINT unit').run();
  try {
    const result = apply(ctx, unit);
    // A write that answers false or null has done nothing.
    if (result !== false && result !== null) for (const entry of auditOf(unit)) appendAudit(ctx, entry);
    base.sql('RELEASE unit').run();
    return appended.length === 0 ? { result } : { result, records: appended };
  } catch (error) {
    if (!base.db.inTransaction) throw error;
    base.sql('ROLLBACK TO unit').run();
    base.sql('RELEASE unit').run();
    base.noted.clear();
    return { failure: failureOf(error) };
  }
}

function apply(ctx: WriteContext, unit: Unit): unknown {
  switch (unit.kind) {
    case 'batch':
      return appendBatch(ctx, unit);
    case 'lane':
      return applyLane(ctx, unit);
    case 'change':
      return applyChange(ctx, unit);
    case 'call':
      return callWriter(ctx, unit.name, unit.args);
  }
}

function auditOf(unit: Unit): readonly NewAudit[] {
  if (unit.kind === 'change') return unit.audit ?? [];
  return unit.kind === 'call' && unit.audit !== undefined ? [unit.audit] : [];
}

function failureOf(error: unknown): Failure {
  if (error instanceof HeldarError) return { code: error.code, message: error.message };
  return { code: codeOfSqlite((error as { code?: string }).code), message: messageOf(error) };
}

/** Uniqueness violated is a conflict, a broken reference a bad request; anything else is the store's trouble. */
function codeOfSqlite(code: string | undefined): ErrorCode {
  if (code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY') return 'conflict';
  if (code === 'SQLITE_CONSTRAINT_FOREIGNKEY') return 'bad_request';
  return 'database';
}
