/** Where does an event come from? From what is kept beside it, and from making it again: its lane is replayed up to its cause. */
import { HeldarError } from '../errors.ts';
import { maskedOptions } from '../plugins/masked-options.ts';
import type { LogRow } from '../store/log-queries.ts';
import type { Recorded, RecordedEvent, RecordedGeneration } from '../store/recorded-queries.ts';
import type { ConsumerEvent } from '../store/results-queries.ts';
import type { StepCause } from '../store/units.ts';
import { logOf, type LogSource } from './log-source.ts';
import { unlimited } from './recorded-limits.ts';
import { replayPlugin } from './replay-plugin.ts';
import type { Subject } from './subject.ts';

export interface Explanation {
  readonly event: RecordedEvent;
  /** The batch or control record behind it; null: a tick, none, or it is not kept any more. */
  readonly record: Omit<LogRow, 'body'> | null;
  /** Of that record; null: none. */
  readonly detections: number | null;
  /** Code and options that the consumer ran with; null: not known. */
  readonly generation: RecordedGeneration | null;
  /** Those it would run with now; null: the composition does not have the plugin. */
  readonly now: { readonly version: string; readonly config: string } | null;
  readonly again: Again;
}

/** What came of making it again. */
export type Again =
  | { readonly outcome: 'same'; readonly records: number }
  | { readonly outcome: 'changed'; readonly records: number; readonly event: ConsumerEvent }
  | { readonly outcome: 'absent'; readonly records: number; readonly reason: string | null }
  /** It was not tried. */
  | { readonly outcome: 'none'; readonly reason: string };

/**
 * `findSubject`: the plugin as the composition has it now; throws when it does not.
 * @throws HeldarError `usage` when the journal holds no such event.
 */
export async function explainEvent(
  recorded: Recorded,
  id: string,
  findSubject: (plugin: string) => Promise<Subject>,
): Promise<Explanation> {
  const event = recorded.event(id);
  if (event === undefined)
    throw new HeldarError('usage', `the journal holds no event '${id}'; GET /api/v1/events lists its events`);
  const { consumer, cause } = event;
  const row = cause?.kind === 'record' ? recorded.record(cause.at) : undefined;
  const facts = {
    event,
    ...factsOf(row),
    generation: consumer === null ? null : (recorded.generation(consumer.id, consumer.epoch) ?? null),
  };
  if (consumer === null || cause === null)
    return { ...facts, now: null, again: { outcome: 'none', reason: reasonOfNone(event) } };
  let subject: Subject;
  try {
    subject = await findSubject(event.source);
  } catch (error) {
    if (!(error instanceof HeldarError)) throw error;
    return { ...facts, now: null, again: { outcome: 'none', reason: error.message } };
  }
  const { version, definition, config } = subject;
  return {
    ...facts,
    now: { version, config: maskedOptions(definition, config) },
    again: await makeAgain(recorded, event, consumer, cause, subject),
  };
}

function factsOf(row: LogRow | undefined): Pick<Explanation, 'record' | 'detections'> {
  if (row === undefined) return { record: null, detections: null };
  const { body, ...record } = row;
  const { detections } = (row.kind === 'batch' && body !== null ? JSON.parse(body) : {}) as {
    detections?: readonly unknown[];
  };
  return { record, detections: detections?.length ?? null };
}

function reasonOfNone({ source, cause }: RecordedEvent): string {
  if (source === 'worker')
    return cause === null
      ? 'a worker posted it, before the store kept with which batch'
      : 'a worker posted it together with the batch';
  if (source === 'kernel') return 'the kernel itself told of it';
  return `no consumer emitted it: it comes from a route, job or handler of ${source}, or from before the store kept where events come from`;
}

async function makeAgain(
  recorded: Recorded,
  event: RecordedEvent,
  { name, lane }: NonNullable<RecordedEvent['consumer']>,
  cause: StepCause,
  subject: Subject,
): Promise<Again> {
  const limit = cause.kind === 'record' ? { ...unlimited, seq: cause.at } : { ...unlimited, tick: cause.at };
  using run = await replayPlugin({
    ...subject,
    source: upTo(cause, logOf(recorded, lane)),
    recorded,
    only: { consumer: name, lane, limit },
  });
  const { records } = run.counts;
  const made = run.results.event(event.id);
  if (made === undefined) return { outcome: 'absent', records, reason: reasonOfAbsence(recorded, run, name) };
  return isSame(made, event) ? { outcome: 'same', records } : { outcome: 'changed', records, event: made };
}

/** Ends a source behind the record, or before the first record behind the tick. */
function upTo(cause: StepCause, source: LogSource): LogSource {
  const isBeyond = ({ seq, received }: LogRow) =>
    cause.kind === 'record' ? seq > cause.at : received > cause.at;
  return {
    ...source,
    async *pages() {
      for await (const page of source.pages()) {
        const end = page.findIndex(isBeyond);
        yield end < 0 ? page : page.slice(0, end);
        if (end >= 0) return;
      }
    },
  };
}

function reasonOfAbsence(
  recorded: Recorded,
  { consumers, counts, results }: Awaited<ReturnType<typeof replayPlugin>>,
  consumer: string,
): string | null {
  if (!consumers.includes(consumer)) return `the plugin has no consumer '${consumer}' any more`;
  if (counts.emptied.size > 0) return 'its camera was deleted, and its batches were emptied';
  const [failed] = results.parked();
  if (failed !== undefined) return `${failed.kind} ${failed.at} failed: ${failed.error}`;
  const first = recorded.bounds?.firstSeq ?? 1;
  return first > 1 ? `the log was pruned before record ${first}: state from before is missing` : null;
}

function isSame(made: ConsumerEvent, event: RecordedEvent): boolean {
  return (['type', 'cameraId', 'siteId', 'severity', 'atMs', 'payload'] as const).every(
    (member) => made[member] === event[member],
  );
}
