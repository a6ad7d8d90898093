/** How it is noted when a camera is not recorded, and why: only what changes is written. */
import type { Logger } from '@heldar/plugin-sdk';
import { messageOf } from '../errors.ts';
import type { OutageCause } from '../store/outages.ts';
import type { Store } from '../store/store.ts';

/** Of one camera. Neither waits nor throws: an outage that can't be stored is logged. */
export interface OutageLog {
  /** Nothing is recorded from `at` (recording time, ms; default now) on. */
  begin(cause: OutageCause, at?: number): void;
  /** It should be recorded from now on, where nobody asked for it before: what is missing until it is, its start takes. */
  wanted(): void;
  /** It is recorded again from `at` (recording time, ms; default now) on. */
  end(at?: number): void;
  /** Resolves when all that was told is stored. */
  settled(): Promise<void>;
}

export function createOutageLog(options: {
  incarnation: number;
  store: Pick<Store, 'write'>;
  /** Recording time, ms. */
  now: () => number;
  log: Logger;
}): OutageLog {
  const { incarnation, store, now, log } = options;
  /** What the store was told last; undefined: not known yet. */
  let told: OutageCause | null | undefined;
  let work: Promise<unknown> = Promise.resolve();
  const then = (write: () => Promise<unknown>) => {
    work = work.then(write).catch((error: unknown) => {
      told = undefined;
      log.error({ incarnation, reason: messageOf(error) }, 'an outage could not be noted');
    });
  };
  const begin = (cause: OutageCause, at = now()) => {
    if (told === cause) return;
    told = cause;
    then(() => store.write('outages.begin', { incarnation, at, cause }));
  };
  return {
    begin,
    wanted() {
      if (told === 'not_wanted') begin('restart');
    },
    end(at = now()) {
      if (told === null) return;
      told = null;
      then(() => store.write('outages.end', { incarnation, at }));
    },
    settled: async () => void (await work),
  };
}
