/** What did a run leave behind, and is it what another run left? */
import { openReader } from '../../store/database.ts';
import { readJournal, readStates, readTables } from '../../store/inspection.ts';
import { tablePrefixOf } from '../../store/table-prefix.ts';
import type { SeamedHost } from '../open-test-host.ts';
import { join } from 'node:path';

/** Lines of text, by what they are about: `table parking_visits`, `events`, `state of visits`. */
export type Outcome = Readonly<Record<string, readonly string[]>>;

/** All that the plugin's effects made: its tables, its events with their ids, its state, what is parked. */
export function readOutcome(host: SeamedHost, plugin: string): Outcome {
  const db = openReader(join(host.folder, 'heldar.db'));
  try {
    const tables = Object.entries(readTables(db, tablePrefixOf(plugin)));
    const events = readJournal(db)
      .filter(({ source }) => source === plugin)
      .map((event) => JSON.stringify({ ...event, seq: undefined }));
    const states = new Map<string, string[]>();
    for (const { plugin: owner, consumer, ...entry } of readStates(db)) {
      if (owner !== plugin) continue;
      const name = `state of ${consumer}`;
      states.set(name, [...(states.get(name) ?? []), JSON.stringify(entry)]);
    }
    const outcome: Outcome = {
      ...Object.fromEntries(tables.map(([table, rows]) => [`table ${table}`, rows])),
      events,
      ...Object.fromEntries(states),
      parked: host.parked().map((item) => JSON.stringify({ ...item, id: undefined })),
    };
    return Object.fromEntries(
      Object.entries(outcome).map(([name, lines]) => [name, withoutIds(lines, host.randomIds).sort()]),
    );
  } finally {
    db.close();
  }
}

/** What a handler, a job or a route has named is named otherwise in another run. */
function withoutIds(lines: readonly string[], ids: ReadonlySet<string>): string[] {
  return lines.map((line) =>
    line.replace(/[0-9a-z_]*_[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) =>
      ids.has(id) ? '(an id not of the log)' : id,
    ),
  );
}

const longestShown = 300;

/** For people; empty when the outcomes are the same. */
export function differences(expected: Outcome, actual: Outcome): string[] {
  const names = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  return [...names].flatMap((name) => {
    const [before = [], after = []] = [expected[name], actual[name]];
    const missing = without(before, after);
    const extra = without(after, before);
    if (missing.length === 0 && extra.length === 0) return [];
    const first = [
      ...missing.slice(0, 1).map((line) => `\n  missing: ${line.slice(0, longestShown)}`),
      ...extra.slice(0, 1).map((line) => `\n  instead: ${line.slice(0, longestShown)}`),
    ];
    return [
      `${name}: ${after.length} instead of ${before.length}, ${missing.length} missing${first.join('')}`,
    ];
  });
}

/** Lines of `all` that `others` does not hold, each counted. */
function without(all: readonly string[], others: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of others) counts.set(line, (counts.get(line) ?? 0) + 1);
  return all.filter((line) => {
    const left = counts.get(line) ?? 0;
    counts.set(line, left - 1);
    return left <= 0;
  });
}
