/** How a client follows the journal: server-sent events that read the database at the client's pace. */
import { Readable } from 'node:stream';
import { formatRfc3339 } from '@heldar/plugin-sdk';
import type { Clock } from '../clock.ts';
import { journalHead, readJournal, type EventFilter, type EventRow } from '../store/journal-queries.ts';
import type { ReadDb } from '../store/store.ts';

/** Tells of new events in the journal; answers how to stop listening. */
export interface JournalNews {
  onAdvance(callback: () => void): () => void;
}

const heartbeatMs = 15_000;
/** What is read in one go, and so held at most for a client that reads slowly. */
const atOnce = { scanned: 500, bytes: 256 * 1024 };
/** What a client waits before it comes back, ms. */
const retryMs = 2000;

/**
 * The events behind `after`, then new ones as they come, as `text/event-stream`. Nothing is kept for a client that reads slowly:
 * the next rows are read when it has taken the ones before. Ends when the signal is aborted.
 */
export function createEventStream(options: {
  db: ReadDb;
  clock: Clock;
  news: JournalNews;
  filter: EventFilter;
  after: number;
  signal: AbortSignal;
}): Readable {
  const { db, clock, news, filter, signal } = options;
  let after = options.after;
  let wanted = false;
  let scheduled = false;
  let cancelHeartbeat: (() => void) | undefined;

  const stream = new Readable({
    encoding: 'utf8',
    read() {
      wanted = true;
      schedule();
    },
    destroy(error, done) {
      cancelHeartbeat?.();
      stopListening();
      signal.removeEventListener('abort', end);
      done(error);
    },
  });
  const send = (text: string) => {
    wanted = stream.push(text);
    cancelHeartbeat?.();
    cancelHeartbeat = clock.after(heartbeatMs, beat);
  };
  const beat = () => {
    // A client that has not even taken the last events needs no sign of life.
    if (wanted) send(': still here\n\n');
    else cancelHeartbeat = clock.after(heartbeatMs, beat);
  };
  const pump = () => {
    scheduled = false;
    if (!wanted || stream.destroyed || stream.readableEnded) return;
    const head = journalHead(db);
    if (after >= head) return;
    const { rows, upTo } = readJournal(db, { ...filter, ...atOnce, after, head });
    after = upTo;
    if (rows.length > 0) send(rows.map(formatMessage).join(''));
    if (wanted) schedule();
  };
  const schedule = () => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(() => {
      try {
        pump();
      } catch (error) {
        stream.destroy(error as Error);
      }
    });
  };
  const end = () => {
    wanted = false;
    if (!stream.destroyed) stream.push(null);
  };
  const stopListening = news.onAdvance(schedule);
  if (signal.aborted) end();
  else {
    signal.addEventListener('abort', end, { once: true });
    send(`retry: ${retryMs}\n: events behind ${after}\n\n`);
  }
  return stream;
}

/** The type stands on a line of its own in the stream: workers name types freely, also with line breaks. */
function formatMessage(row: EventRow): string {
  const type = row.eventType.replace(/[\r\n\0]+/g, ' ');
  return `id: ${row.seq}\nevent: ${type}\ndata: ${JSON.stringify(presentEvent(row))}\n\n`;
}

/** An event as every client sees it. */
export function presentEvent(row: EventRow) {
  return {
    id: row.id,
    camera_id: row.cameraId,
    site_id: row.siteId,
    event_type: row.eventType,
    severity: row.severity,
    timestamp: formatRfc3339(row.atMs),
    payload: JSON.parse(row.payload) as unknown,
    created_at: formatRfc3339(row.createdAt),
  };
}
