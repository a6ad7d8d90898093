/** Where does what became durable go? To the registry, the dispatcher, the handlers and the journal's readers, in log order. */
import type { CameraRegistry } from '../cameras/registry.ts';
import type { Dispatcher } from '../detections/dispatcher.ts';
import type { IngestedBatch } from '../detections/ingest.ts';
import { makeBatch } from '../detections/record.ts';
import type { EventHandlers } from '../events/handlers.ts';
import type { Journal } from '../events/journal.ts';
import type { CommitListeners } from '../store/committer.ts';

export interface FeedReaders {
  readonly registry: CameraRegistry;
  readonly dispatcher: Dispatcher;
  readonly handlers: EventHandlers;
  readonly journal: Journal;
}

/** The store comes first and its readers need it: they are connected before the first commit. */
export function createLogFeed(onExit: (error: Error) => void): {
  listeners: CommitListeners;
  connect(readers: FeedReaders): void;
} {
  let readers: FeedReaders | null = null;
  return {
    connect: (connected) => void (readers = connected),
    listeners: {
      onBatch(unit, seq, received, attachment) {
        const { cameraId, body } = attachment as IngestedBatch;
        const row = {
          seq,
          site_id: unit.siteId,
          type: unit.taskType,
          frame_id: unit.frameId,
          at_ms: unit.atMs,
          received,
        };
        const batch = makeBatch(cameraId, row, body);
        readers?.dispatcher.offer({ kind: 'batch', seq, incarnation: unit.incarnation, received, batch });
      },
      onRecord(logged) {
        readers?.registry.apply(logged);
        const { seq, incarnation, received, type, cameraId } = logged;
        const payload = JSON.parse(logged.payload) as never;
        const record = { seq, type, cameraId, received, payload };
        readers?.dispatcher.offer({ kind: 'record', seq, incarnation, received, record });
      },
      onJournal(head) {
        readers?.journal.advance(head);
        readers?.handlers.onJournal(head);
      },
      onSettled: () => readers?.dispatcher.onSettled(),
      onExit,
    },
  };
}
