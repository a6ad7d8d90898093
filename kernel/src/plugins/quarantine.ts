/** Which plugins are kept from starting because they blocked the process, and how they are let out again. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HeldarError, messageOf } from '../errors.ts';
import { takeBlockedReport } from '../runtime/watchdog.ts';

export interface QuarantineEntry {
  readonly plugin: string;
  /** `plugin.consumer` or the like. */
  readonly label: string;
  /** `file:line:column` where it stood; null where that could not be told. */
  readonly place: string | null;
  readonly blockedMs: number;
  /** ms since the epoch. */
  readonly at: number;
  /** What it took too much of; absent when it blocked the process. */
  readonly reason?: string;
}

export interface Quarantine {
  /** Where the watchdog leaves its report. */
  readonly reportFile: string;
  /** Takes in what the watchdog of the last run left; answers the new entry, null when no plugin was to blame. */
  takeReport(): QuarantineEntry | null;
  entries(): readonly QuarantineEntry[];
  /** Keeps a plugin out from the next start on, in place of what was said of it before. */
  add(entry: QuarantineEntry): void;
  /** False when it was not in quarantine. */
  release(plugin: string): boolean;
}

/** Where the watchdog of a kernel on this data folder leaves its report. */
export function reportFileIn(dataDir: string): string {
  return join(dataDir, 'blocked.json');
}

export function openQuarantine(dataDir: string): Quarantine {
  const file = join(dataDir, 'quarantine.json');
  const reportFile = reportFileIn(dataDir);
  const entries = (): QuarantineEntry[] => (existsSync(file) ? readEntries(file) : []);
  const write = (list: readonly QuarantineEntry[]) => {
    writeFileSync(`${file}.tmp`, `${JSON.stringify(list, null, 2)}\n`);
    renameSync(`${file}.tmp`, file);
  };
  const add = (entry: QuarantineEntry) =>
    write([...entries().filter((other) => other.plugin !== entry.plugin), entry]);
  return {
    reportFile,
    entries,
    add,
    takeReport() {
      const report = takeBlockedReport(reportFile);
      if (report === null || report.plugin === null) return null;
      const { plugin, label, place, blockedMs, at } = report;
      const entry = { plugin, label: label ?? plugin, place, blockedMs, at };
      add(entry);
      return entry;
    },
    release(plugin) {
      const before = entries();
      const after = before.filter((entry) => entry.plugin !== plugin);
      if (after.length === before.length) return false;
      write(after);
      return true;
    },
  };
}

function readEntries(file: string): QuarantineEntry[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as QuarantineEntry[];
  } catch (error) {
    throw new HeldarError(
      'store_unusable',
      `cannot read ${file}: ${messageOf(error)}; remove it to start with an empty quarantine`,
    );
  }
}
