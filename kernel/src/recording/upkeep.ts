/** What the index needs from time to time: failed files are tried again, garbage is emptied, gaps go with the footage around them. */
import type { Logger } from '@heldar/plugin-sdk';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { startLoop, type Loop } from '../runtime/loop.ts';
import { endedBeforeFootage } from '../store/gap-queries.ts';
import type { Store } from '../store/store.ts';
import type { Garbage } from './garbage.ts';
import type { Indexer } from './indexer.ts';

export interface UpkeepOptions {
  readonly store: Pick<Store, 'read' | 'write'>;
  readonly garbage: Garbage;
  readonly indexer: Pick<Indexer, 'retry'>;
  /** Between two passes, ms. */
  readonly everyMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

const batchSize = 500;

/** The first pass comes at once: it empties what an earlier process left. */
export function startUpkeep(options: UpkeepOptions): Loop {
  const { garbage, indexer, clock, everyMs, log } = options;
  return startLoop({
    clock,
    everyMs,
    async run(signal) {
      await indexer.retry();
      await garbage.empty(signal);
      await pruneGaps(options, signal);
    },
    onError: (error) =>
      log.error({ reason: messageOf(error) }, 'upkeep of the recordings failed; it goes on'),
  });
}

/** Gaps and outages that ended before a camera's oldest footage go, in bounded steps. Without footage they stay. */
export async function pruneGaps(
  { store }: Pick<UpkeepOptions, 'store'>,
  signal?: AbortSignal,
): Promise<void> {
  for (const ended of endedBeforeFootage(store.read))
    while (signal?.aborted !== true) {
      const gone = await store.write('gaps.prune', { ...ended, limit: batchSize });
      if (gone < batchSize) break;
    }
}
