/** What came of a replay, and how does it differ from what production recorded? As data; `show-report.ts` tells it to people. */
import type { Recorded } from '../store/recorded-queries.ts';
import type { ConsumerEvent } from '../store/results-queries.ts';
import { allTime, differenceOf, type Difference, type Range } from './difference.ts';
import { timeOfId } from './id-time.ts';
import { logOf, type LogSource } from './log-source.ts';
import { replayPlugin, type ReplayRun } from './replay-plugin.ts';
import type { Subject } from './subject.ts';

export interface ReplayReport {
  readonly plugin: string;
  /** Of the plugin's package; empty without one. */
  readonly version: string;
  /** Of the first and last record gone over, log time; null: there are none. */
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  readonly records: number;
  readonly batches: number;
  readonly calls: number;
  readonly consumers: readonly string[];
  /** Of going over the log. */
  readonly elapsedMs: number;
  readonly fingerprint: string;
  /** How much came of it, by event type and by table. */
  readonly events: Readonly<Record<string, number>>;
  readonly rows: Readonly<Record<string, number>>;
  readonly parked: number;
  /** null: there was nothing to compare with. */
  readonly difference: Difference | null;
  /** What a reader must know to judge the difference. */
  readonly notes: readonly string[];
}

/** Replays a plugin; `recorded` null: nothing is compared. The difference is that of the range. */
export async function reportReplay(options: {
  readonly subject: Subject;
  readonly source: LogSource | null;
  readonly recorded: Recorded | null;
  readonly range?: Range;
  readonly signal?: AbortSignal;
}): Promise<ReplayReport> {
  const { subject, recorded, range = allTime, signal } = options;
  const source = options.source ?? (recorded === null ? null : logOf(recorded));
  if (source === null) throw new TypeError('a replay needs a source or a recorded store');
  using run = await replayPlugin({
    ...subject,
    source,
    ...(recorded === null ? {} : { recorded }),
    ...(signal === undefined ? {} : { signal }),
  });
  const plugin = subject.definition.name;
  const { firstAt, lastAt, records, batches, calls } = run.counts;
  const keptFrom = recorded?.eventsKeptFrom() ?? null;
  const isComparable = (event: ConsumerEvent) =>
    !run.counts.emptied.has(event.lane) && (keptFrom === null || (timeOfId(event.id) ?? 0) >= keptFrom);
  return {
    plugin,
    version: subject.version,
    firstAt,
    lastAt,
    records,
    batches,
    calls,
    consumers: run.consumers,
    elapsedMs: run.elapsedMs,
    fingerprint: run.fingerprint(),
    ...countsOf(run),
    difference:
      recorded === null ? null : differenceOf(recorded.resultsOf(plugin), run.results, range, isComparable),
    notes: recorded === null ? notesOn(run) : [...notesOn(run), ...notesOnRecorded(run, recorded, plugin)],
  };
}

function countsOf({ results }: ReplayRun): Pick<ReplayReport, 'events' | 'rows' | 'parked'> {
  const events: Record<string, number> = {};
  for (const { type } of results.events()) events[type] = (events[type] ?? 0) + 1;
  const rows: Record<string, number> = {};
  for (const { name } of results.writtenTables()) rows[name] = [...results.rows(name).rows].length;
  return { events, rows, parked: results.parked().length };
}

function notesOn({ results, counts }: ReplayRun): string[] {
  const [first, ...others] = results.parked();
  const notes: string[] = [];
  if (first !== undefined)
    notes.push(
      `${others.length + 1} failed and would be parked, the first at ${first.kind} ${first.at}: ${first.error}`,
    );
  if (counts.emptied.size > 0)
    notes.push(
      `batches of ${counts.emptied.size} deleted ${counts.emptied.size === 1 ? 'camera' : 'cameras'} were emptied: what came of them alone is not compared, rows and lanes over all cameras may differ`,
    );
  return notes;
}

function notesOnRecorded(run: ReplayRun, recorded: Recorded, plugin: string): string[] {
  const notes: string[] = [];
  const { bounds } = recorded;
  const starts = run.consumers.flatMap((name) => recorded.consumer(plugin, name)?.startSeq ?? []);
  const needed = Math.min(...starts) + 1;
  if (bounds !== null && starts.length > 0 && bounds.firstSeq > needed)
    notes.push(
      `the log was pruned up to ${new Date(bounds.firstAt).toISOString()}; state from before is missing, and differences may come from that`,
    );
  for (const name of run.newConsumers)
    notes.push(`production has never run the consumer '${name}': all that came of it is extra`);
  const kept = recorded.eventsKeptFrom();
  if (kept !== null)
    notes.push(
      `the journal was pruned up to ${new Date(kept).toISOString()}; events from before are not compared`,
    );
  const parked = recorded.resultsOf(plugin).parked().length;
  if (parked > 0) notes.push(`production has parked ${parked} of this plugin's records and ticks`);
  if (run.copied.length > 0)
    notes.push(
      `rows of ${run.copied.join(', ')} are those of now: no consumer makes them, so the log does not tell of them`,
    );
  return notes;
}
