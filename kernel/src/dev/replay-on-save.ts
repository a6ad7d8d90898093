/** What does a save change in what the last minutes would have given? Both versions run over the same part of the log. */
import { messageOf } from '../errors.ts';
import type { HostedPlugin } from '../plugins/host.ts';
import { differenceOf } from '../replay/difference.ts';
import { recentLogOf, type LogSource } from '../replay/log-source.ts';
import { replayPlugin, type ReplayRun } from '../replay/replay-plugin.ts';
import { linesOf } from '../replay/show-report.ts';
import { subjectOf, type Subject } from '../replay/subject.ts';
import type { Recorded } from '../store/recorded-queries.ts';

export interface SaveReplay extends Disposable {
  /** Call it before a change: what serves now is what the change is compared with. */
  before(plugin: string, plugins: readonly HostedPlugin[]): void;
  /** The change is live: tells the difference, in lines. */
  after(plugin: string, plugins: readonly HostedPlugin[]): Promise<readonly string[]>;
}

/** One part of the log serves for so many saves in a row: only the newer version has to run then. */
const partServesMs = 60_000;

interface Part {
  readonly source: LogSource;
  readonly recorded: Recorded;
  readonly takenAt: number;
}

export function createSaveReplay(options: {
  readonly cwd: string;
  /** How much of the log, ms. */
  readonly lastMs: number;
  openRecorded(): Recorded;
  monotonic(): number;
}): SaveReplay {
  const { cwd, lastMs, monotonic } = options;
  const subjects = new Map<string, Subject>();
  const runs = new Map<string, ReplayRun>();
  let part: Part | null = null;

  const forget = () => {
    for (const run of runs.values()) run[Symbol.dispose]();
    runs.clear();
    part?.recorded[Symbol.dispose]();
    part = null;
  };
  const partOfNow = (): Part => {
    if (part !== null && monotonic() - part.takenAt < partServesMs) return part;
    forget();
    const recorded = options.openRecorded();
    part = { recorded, source: recentLogOf(recorded, lastMs), takenAt: monotonic() };
    return part;
  };
  const run = ({ source, recorded }: Part, subject: Subject) =>
    replayPlugin({ ...subject, source, tablesFrom: recorded });

  return {
    before(plugin, plugins) {
      const isRunning = ({ name, state }: HostedPlugin) => name === plugin && state === 'running';
      if (!subjects.has(plugin) && plugins.some(isRunning))
        subjects.set(plugin, subjectOf(plugins, plugin, cwd));
    },
    async after(plugin, plugins) {
      const began = monotonic();
      const older = subjects.get(plugin);
      const newer = subjectOf(plugins, plugin, cwd);
      subjects.set(plugin, newer);
      if (older === undefined) return [];
      try {
        const now = partOfNow();
        const earlier = runs.get(plugin) ?? (await run(now, older));
        const later = await run(now, newer);
        const difference = differenceOf(earlier.results, later.results);
        earlier[Symbol.dispose]();
        runs.set(plugin, later);
        const seconds = ((monotonic() - began) / 1000).toFixed(1);
        const over = `${later.counts.batches.toLocaleString('en')} batches`;
        return difference.same
          ? [`  ↻ ${over} replayed: the same as before (${seconds} s)`]
          : [
              `  ↻ ${over} replayed: not the same as before (${seconds} s)`,
              ...linesOf(difference, { before: 'only before', after: 'only now' }).map(
                (line) => `    ${line}`,
              ),
            ];
      } catch (error) {
        runs.get(plugin)?.[Symbol.dispose]();
        runs.delete(plugin);
        return [`  ↻ not replayed: ${messageOf(error)}`];
      }
    },
    [Symbol.dispose]: forget,
  };
}
