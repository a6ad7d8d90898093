/** What would this plugin have made of that log? Its consumers run over the records in a shadow store, by the log's clock and ids. */
import type { CameraInfo, Logger, PluginDefinition } from '@heldar/plugin-sdk';
import { systemClock } from '../clock.ts';
import type { MigrationOwner } from '../store/migrations/owner.ts';
import type { Recorded, RecordedConsumer } from '../store/recorded-queries.ts';
import type { Results } from '../store/results-queries.ts';
import { openShadowStore, type ShadowStore } from '../store/shadow-store.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { LogSource } from './log-source.ts';
import { limitOf, unlimited, type LaneLimit } from './recorded-limits.ts';
import { runLog, type ReplayCounts } from './run-log.ts';
import { startConsumers } from './start-consumers.ts';

export interface ReplayOptions {
  readonly definition: PluginDefinition;
  /** Checked options. */
  readonly config: unknown;
  /** Of the plugin's package; null without one. */
  readonly folder: string | null;
  /** Of the plugin, behind those of plugins it requires. */
  readonly migrations: readonly MigrationOwner[];
  readonly source: LogSource;
  /**
   * Production, to compare with: the replay goes as far as its cursors, and takes the rows of tables that consumers do not make
   * rows in from there. Absent: it goes over the whole source.
   */
  readonly recorded?: Recorded;
  /** Where those rows come from when nothing is compared with production; its cursors do not matter then. */
  readonly tablesFrom?: Recorded;
  /** One lane of one consumer, up to a record or tick. */
  readonly only?: { readonly consumer: string; readonly lane: number; readonly limit: LaneLimit };
  /** Where the plugin's own lines go; default: nowhere. */
  readonly log?: Logger;
  readonly signal?: AbortSignal;
}

/** A replay that is done. Its results can be read until it is disposed. */
export interface ReplayRun extends Disposable {
  readonly results: Results;
  readonly counts: ReplayCounts;
  /** Names of the consumers that ran. */
  readonly consumers: readonly string[];
  /** Consumers that production has never run. */
  readonly newConsumers: readonly string[];
  /** Tables whose rows were taken from production as they are now. */
  readonly copied: readonly string[];
  /** Of going over the log, ms. */
  readonly elapsedMs: number;
  /** The same for two runs exactly when all that came of them is. */
  fingerprint(): string;
}

/**
 * Runs the consumers of a loaded plugin over a log. Nothing outside a temporary folder is written, no still is kept, and the
 * network is out of reach.
 * @throws what the plugin's `setup` or its migrations throw.
 * @example
 * using run = await replayPlugin({ definition, config: {}, folder, migrations, source: await openTape('gate.jsonl') });
 */
export async function replayPlugin(options: ReplayOptions): Promise<ReplayRun> {
  const { definition, recorded, tablesFrom = recorded } = options;
  const makers = new Set(
    (tablesFrom?.resultsOf(definition.name).writtenTables() ?? [])
      .filter(({ inserts }) => inserts)
      .map(({ name }) => name),
  );
  for (let keepsLog = false; ;) {
    const run = await attempt(options, makers, keepsLog);
    if (!('makers' in run)) return run;
    // Consumers make rows in a table that was filled from production, or read a log that was not kept: once more, as it should be.
    for (const table of run.makers) makers.add(table);
    keepsLog ||= run.readsLog;
  }
}

/** What only a run shows. */
interface Learnt {
  /** Tables that consumers make rows in. */
  readonly makers: readonly string[];
  /** The plugin reads the detection log with SQL. */
  readonly readsLog: boolean;
}

async function attempt(
  options: ReplayOptions,
  makers: ReadonlySet<string>,
  keepsLog: boolean,
): Promise<ReplayRun | Learnt> {
  const { definition, config, folder, migrations, source, recorded, only } = options;
  const { tablesFrom = recorded } = options;
  const { storeId, cameras } = source;
  const plugin = definition.name;
  const shadow = openShadowStore({ storeId, cameras, plugin, migrations, clock: systemClock });
  let isKept = false;
  try {
    const copied = tablesFrom === undefined ? [] : copyTables(shadow, tablesFrom, plugin, makers);
    let applyAll = () => {};
    const db = shadow.readerFor(() => applyAll());
    const infos = tablesFrom?.cameraInfos() ?? source.cameras.flatMap(infoOf);
    const { log = silent, signal } = options;
    const started = await startConsumers({ definition, config, folder, db, cameras: infos, log });
    try {
      const chosen = started.consumers.filter(({ name }) => only === undefined || name === only.consumer);
      const known = new Map(chosen.map(({ name }) => [name, recorded?.consumer(plugin, name)]));
      const begun = performance.now();
      const outcome = await runLog({
        definition,
        consumers: chosen,
        shadow,
        db,
        source,
        signal,
        startOf: (name) => known.get(name)?.startSeq ?? 0,
        limitOf: (name, lane) => limitFor(options, known.get(name), lane),
        onReady: (apply) => (applyAll = apply),
        keepsLog,
        isSpoilt: () => isSpoilt(learntOf(shadow, copied), keepsLog),
      });
      if (outcome === 'spoilt') return learntOf(shadow, copied);
      isKept = true;
      return {
        results: shadow.results,
        counts: outcome,
        consumers: chosen.map(({ name }) => name),
        newConsumers:
          recorded === undefined
            ? []
            : chosen.map(({ name }) => name).filter((name) => known.get(name) === undefined),
        copied,
        elapsedMs: performance.now() - begun,
        fingerprint: () => fingerprintOf(shadow.results),
        [Symbol.dispose]: () => shadow[Symbol.dispose](),
      };
    } finally {
      await started.dispose();
    }
  } finally {
    if (!isKept) shadow[Symbol.dispose]();
  }
}

function limitFor(
  { only, recorded }: ReplayOptions,
  consumer: RecordedConsumer | undefined,
  lane: number,
): LaneLimit {
  if (only !== undefined) return lane === only.lane ? only.limit : { seq: 0, tick: 0 };
  return recorded === undefined ? unlimited : limitOf(consumer, lane);
}

/** The kernel's cameras and sites, which plugins may read, and the plugin's tables that its consumers do not make rows in. */
function copyTables(
  shadow: ShadowStore,
  recorded: Recorded,
  plugin: string,
  makers: ReadonlySet<string>,
): string[] {
  const results = recorded.resultsOf(plugin);
  for (const table of ['sites', 'cameras']) shadow.copyRows(table, results.rows(table));
  const copied = shadow.tables.filter((table) => !makers.has(table) && results.shapeOf(table) !== null);
  for (const table of copied) shadow.copyRows(table, results.rows(table));
  return copied;
}

function learntOf({ made, readsLog }: ShadowStore, copied: readonly string[]): Learnt {
  return { makers: copied.filter((table) => made.has(table)), readsLog };
}

function isSpoilt({ makers, readsLog }: Learnt, keepsLog: boolean): boolean {
  return makers.length > 0 || (readsLog && !keepsLog);
}

function infoOf({ id, deletedAt }: LogSource['cameras'][number]): CameraInfo[] {
  return deletedAt === null ? [{ id, siteId: null, name: id, enabled: true }] : [];
}

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
