/** Which plugins are kept from starting because they blocked the process, and how they are let out again. */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HeldarError, messageOf } from '../errors.ts';
import type { BlockedReport } from '../runtime/watchdog.ts';

export interface QuarantineEntry {
  readonly plugin: string;
  /** `plugin.consumer` or the like. */
  readonly label: string;
  readonly blockedMs: number;
  /** ms since the epoch. */
  readonly at: number;
}

export interface Quarantine {
  /** Where the watchdog leaves its report. */
  readonly reportFile: string;
  /** Takes in what the watchdog of the last run left; answers the new entry. */
  takeReport(): QuarantineEntry | null;
  entries(): readonly QuarantineEntry[];
  /** False when it was not in quarantine. */
  release(plugin: string): boolean;
}

export function openQuarantine(dataDir: string): Quarantine {
  const file = join(dataDir, 'quarantine.json');
  const reportFile = join(dataDir, 'blocked.json');
  const entries = (): QuarantineEntry[] => (existsSync(file) ? (readJson(file) as QuarantineEntry[]) : []);
  const write = (list: readonly QuarantineEntry[]) => {
    writeFileSync(`${file}.tmp`, JSON.stringify(list, null, 2));
    renameSync(`${file}.tmp`, file);
  };
  return {
    reportFile,
    entries,
    takeReport() {
      if (!existsSync(reportFile)) return null;
      const report = readJson(reportFile) as BlockedReport;
      const plugin = report.label === null ? null : (/^[a-z0-9-]+/.exec(report.label)?.[0] ?? null);
      const entry =
        plugin === null || report.label === null
          ? null
          : { plugin, label: report.label, blockedMs: report.blockedMs, at: report.at };
      if (entry !== null) write([...entries().filter((other) => other.plugin !== entry.plugin), entry]);
      rmSync(reportFile);
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

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new HeldarError(
      'store_unusable',
      `cannot read ${file}: ${messageOf(error)}; remove it to start with an empty one`,
    );
  }
}
