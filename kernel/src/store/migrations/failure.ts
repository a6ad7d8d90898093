/** How a migration that can't run is reported: owner, file, line, the reason and the next step. */
import { HeldarError, messageOf } from '../../errors.ts';

export interface Place {
  readonly owner: string;
  readonly file: string;
  /** Line in the file, from 1. */
  readonly line?: number;
}

export function migrationFailed(place: Place, problem: string, next: string, cause?: unknown): HeldarError {
  const where = place.line === undefined ? place.file : `${place.file}:${place.line}`;
  return new HeldarError('migration_failed', `${place.owner}: ${where}: ${problem}; next: ${next}`, {
    details: { ...place, problem, next },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Runs one step of a migration; what SQLite throws becomes a `migration_failed` at that place. */
export function atPlace<Result>(place: Place, next: string, step: () => Result): Result {
  try {
    return step();
  } catch (error) {
    if (error instanceof HeldarError) throw error;
    throw migrationFailed(place, messageOf(error), next, error);
  }
}
