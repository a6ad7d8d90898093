/** How long detections and events are kept: deleted in bounded steps, behind the slowest consumer, with an alarm when one holds them back. */
import { statSync } from 'node:fs';
import type { Store } from '../store/store.ts';
import { asUuid, newHex } from '../ids.ts';

export interface LogRetention {
  /** One sweep. */
  run(signal: AbortSignal): Promise<void>;
}

/** Rows a step: about 10 ms of the writer. */
const stepRows = 500;
/** While the database is smaller, a consumer that does not run keeps its place in the log. */
export const defaultPinnedBytes = 4 * 1024 ** 3;

export function createLogRetention(options: {
  store: Store;
  now(): number;
  detectionHours: number;
  eventDays: number;
  pinnedBytes?: number;
  deletedCameras(): readonly number[];
}): LogRetention {
  const { store, pinnedBytes = defaultPinnedBytes } = options;
  let alarmed: 'none' | 'near' | 'past' = 'none';

  const alarm = async (state: typeof alarmed, heldAt: number | null) => {
    if (state === alarmed) return;
    alarmed = state;
    if (state === 'none') return;
    const now = options.now();
    await store.write('events.append', [
      {
        id: asUuid(newHex(now)),
        cameraId: null,
        siteId: null,
        type: 'log_pinned',
        severity: state === 'near' ? 'warning' : 'critical',
        atMs: now,
        payload: JSON.stringify({
          held_at_seq: heldAt,
          database_bytes: sizeOf(store.file),
          cap_bytes: pinnedBytes,
          dropped: state === 'past',
        }),
        source: 'kernel',
      },
    ]);
  };

  return {
    async run(signal) {
      const before = options.now() - options.detectionHours * 3_600_000;
      for (let more = true; more && !signal.aborted;) {
        const bytes = sizeOf(store.file);
        const { deleted, heldAt } = await store.write('log.prune', {
          before,
          limit: stepRows,
          pastConsumers: bytes > pinnedBytes,
        });
        more = deleted === stepRows;
        if (!more)
          await alarm(
            heldAt === null
              ? 'none'
              : bytes > pinnedBytes
                ? 'past'
                : bytes > pinnedBytes * 0.75
                  ? 'near'
                  : 'none',
            heldAt,
          );
      }
      const eventsBefore = options.now() - options.eventDays * 86_400_000;
      while (
        !signal.aborted &&
        (await store.write('events.prune', { before: eventsBefore, limit: stepRows })) === stepRows
      );
      for (const incarnation of options.deletedCameras())
        while (
          !signal.aborted &&
          (await store.write('log.empty-camera', { incarnation, limit: stepRows })) === stepRows
        );
    },
  };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
