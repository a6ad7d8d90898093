/** Which ids does a run hand out that do not follow from the log? Those of handlers, jobs and routes. */
import type { AnyTx } from './wrap-plugin.ts';

/** The same `tx`; the ids it makes are added to `ids`. */
export function noteIds(tx: AnyTx, ids: Set<string>): AnyTx {
  const noted = (id: string): string => {
    ids.add(id);
    return id;
  };
  return { ...tx, id: (prefix) => noted(tx.id(prefix)), emit: (...args) => noted(tx.emit(...args)) };
}
