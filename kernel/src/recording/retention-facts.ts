/** From what does retention decide? Cameras with their totals, and their oldest segments in the roots that are there. */
import type { CameraRegistry } from '../cameras/registry.ts';
import type { Clock } from '../clock.ts';
import type { RetentionQueries } from '../store/retention-queries.ts';
import type { CameraFacts, Candidate, RetentionFacts } from './retention-plan.ts';

export interface FactsSource {
  /** `among`: names of the roots to take from. `isOneOfSeveral`: there are others with footage. */
  read(among: readonly string[], isOneOfSeveral?: boolean): RetentionFacts;
}

export function createFactsSource(options: {
  queries: RetentionQueries;
  registry: Pick<CameraRegistry, 'list'>;
  clock: Pick<Clock, 'now'>;
}): FactsSource {
  const { queries, registry, clock } = options;
  return {
    read(among, isOneOfSeveral = false) {
      const now = clock.now();
      const totals = new Map(queries.totals().map((row) => [row.cameraId, row]));
      const cameras: CameraFacts[] = registry.list().map((camera) => ({
        cameraId: camera.id,
        retentionHours: camera.retentionHours,
        quotaBytes: camera.storageQuotaBytes,
        sizeBytes: totals.get(camera.id)?.sizeBytes ?? 0,
        heldBytes: totals.get(camera.id)?.heldBytes ?? 0,
      }));
      return {
        now,
        cameras,
        isOneOfSeveralRoots: isOneOfSeveral,
        oldest: (cameraId) => oldestFirst(among.map((root) => queries.candidates({ root, cameraId, now }))),
      };
    },
  };
}

/** Merges what is ordered by time already. */
function* oldestFirst(sources: readonly Iterator<Candidate>[]): Generator<Candidate> {
  const heads = sources.map((source) => ({ source, next: source.next() }));
  for (;;) {
    let oldest: { head: (typeof heads)[number]; candidate: Candidate } | null = null;
    for (const head of heads) {
      if (head.next.done === true) continue;
      const candidate = head.next.value;
      if (oldest === null || candidate.endTime < oldest.candidate.endTime) oldest = { head, candidate };
    }
    if (oldest === null) return;
    yield oldest.candidate;
    oldest.head.next = oldest.head.source.next();
  }
}
