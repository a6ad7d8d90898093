/** How long detections, events and the audit log are kept: deleted in bounded steps, behind the slowest consumer, with an alarm when one holds them back. */
import type { Store } from '../store/store.ts';
import { asUuid, newHex } from '../ids.ts';

export interface LogRetention {
  /** One sweep. */
  run(signal: AbortSignal): Promise<void>;
}

/** Rows a step: about 10 ms of the writer. */
const stepRows = 500;
/** While the database holds less, a consumer that does not run keeps its place in the log. */
export const defaultPinnedBytes = 4 * 1024 ** 3;
/** The alarm comes at this share of it. */
const nearShare = 0.75;

export function createLogRetention(options: {
  store: Store;
  now(): number;
  detectionHours: number;
  eventDays: number;
  pinnedBytes?: number;
  deletedCameras(): readonly number[];
  /** What the database holds; pages that are free to be used again do not count. */
  usedBytes(): number;
}): LogRetention {
  const { store, pinnedBytes = defaultPinnedBytes } = options;
  let alarmed: 'none' | 'near' | 'past' = 'none';

  const alarm = async (state: typeof alarmed, heldAt: number | null, bytes: number) => {
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
          database_bytes: bytes,
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
      let heldAt: number | null = null;
      let dropped = false;
      for (let more = true; more && !signal.aborted;) {
        const pastConsumers = options.usedBytes() > pinnedBytes;
        const step = await store.write('log.prune', { before, limit: stepRows, pastConsumers });
        heldAt = step.heldAt ?? heldAt;
        dropped ||= pastConsumers && step.heldAt !== null;
        more = step.deleted === stepRows;
      }
      const bytes = options.usedBytes();
      const isNear = heldAt !== null && bytes > pinnedBytes * nearShare;
      await alarm(dropped ? 'past' : isNear ? 'near' : 'none', heldAt, bytes);
      const eventsBefore = options.now() - options.eventDays * 86_400_000;
      while (
        !signal.aborted &&
        (await store.write('events.prune', { before: eventsBefore, limit: stepRows })) === stepRows
      );
      while (
        !signal.aborted &&
        (await store.write('audit.prune', { before: eventsBefore, limit: stepRows })) === stepRows
      );
      for (const incarnation of options.deletedCameras())
        while (
          !signal.aborted &&
          (await store.write('log.empty-camera', { incarnation, limit: stepRows })) === stepRows
        );
    },
  };
}
