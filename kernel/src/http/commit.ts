/** How a handler's effects become durable: one commit, and a new run when the rows changed meanwhile. */
import { HeldarError } from '../errors.ts';
import type { TxRecorder } from '../plugins/tx.ts';
import type { ChangeUnit } from '../store/units.ts';

/** A fresh recorder for one run of a handler. */
export type Effects = () => TxRecorder;

/** Resolves after the commit. */
export type CommitChange = (unit: ChangeUnit) => Promise<unknown>;

/** Runs beyond the first. */
const reruns = 3;

/**
 * Runs the handler and commits what it recorded. A conflict of a statement with `expectChanges` means that what the handler read
 * is out of date: it runs again from the start, with a fresh recorder. Any other conflict is final.
 * @throws HeldarError `conflict` after the last run.
 */
export async function runAndCommit<Result>(options: {
  effects: Effects;
  commitChange: CommitChange;
  /** Asked before the commit: true when nobody waits any more, so nothing may be applied. */
  isOver: () => boolean;
  handle: (recorder: () => TxRecorder) => Result | Promise<Result>;
  /** Lets go of a result that will not be sent. */
  discard: (result: Result) => void;
}): Promise<Result> {
  for (let run = 0; ; run += 1) {
    let recorder: TxRecorder | undefined;
    const result = await options.handle(() => (recorder ??= options.effects()));
    const unit = recorder?.unit() ?? null;
    if (unit === null) return result;
    try {
      if (options.isOver())
        throw new HeldarError('unavailable', 'the request was given up before its commit');
      await options.commitChange(unit);
      return result;
    } catch (error) {
      options.discard(result);
      if (run >= reruns || !isOutdated(error, unit)) throw error;
    }
  }
}

function isOutdated(error: unknown, unit: ChangeUnit): boolean {
  const expects = unit.writes.some((write) => write.expectChanges !== undefined);
  return expects && error instanceof HeldarError && error.code === 'conflict';
}
