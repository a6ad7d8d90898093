/** Who looked at which footage: one row for each principal, artefact and minute, on disk before the first byte is sent. */
import type { Clock } from '../clock.ts';
import { HeldarError, messageOf } from '../errors.ts';
import type { Store } from '../store/store.ts';
import type { NewAudit } from '../store/units.ts';

export interface AccessLog {
  /**
   * Resolves once it is in the log that this principal looked at this artefact: at once when it was there within `everyMs` already.
   * @throws HeldarError `unavailable` when it can't be written: what nobody could account for is not shown.
   */
  note(entry: NewAudit, everyMs: number): Promise<void>;
}

/** Accesses that are remembered; beyond, some are noted again. */
const remembered = 10_000;

export function createAccessLog({
  store,
  clock,
}: {
  store: Pick<Store, 'write'>;
  clock: Pick<Clock, 'monotonic'>;
}): AccessLog {
  const noted = new Map<string, { readonly at: number; readonly done: Promise<unknown> }>();
  return {
    async note(entry, everyMs) {
      const key = JSON.stringify([entry.actor, entry.address, entry.action, entry.targetId]);
      const now = clock.monotonic();
      let known = noted.get(key);
      if (known === undefined || now - known.at >= everyMs) {
        if (noted.size >= remembered) noted.clear();
        known = { at: now, done: store.write('audit.note', entry) };
        noted.set(key, known);
      }
      try {
        await known.done;
      } catch (error) {
        if (noted.get(key) === known) noted.delete(key);
        throw new HeldarError('unavailable', `the audit log can't be written: ${messageOf(error)}`, {
          cause: error,
        });
      }
    },
  };
}
