/** What do all runs of a plugin begin with? The same store, so that the same log gives the same ids. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTestHost } from '../open-test-host.ts';
import type { TestHost } from '../test-host.ts';
import type { ImportedPlugin } from '../wrap-plugin.ts';

export interface PreparedSite {
  /** To be copied. */
  readonly folder: string;
  /** ms since the epoch. */
  readonly startAt: number;
}

const bare = new Map<string, Promise<PreparedSite>>();

/** A site with cameras and without plugins; made once in a process. */
export function bareSite(cameras: readonly string[]): Promise<PreparedSite> {
  const key = cameras.join('\0');
  const known = bare.get(key) ?? prepareSite([], cameras, async () => undefined);
  bare.set(key, known);
  return known;
}

export async function prepareSite(
  plugins: readonly ImportedPlugin[],
  cameras: readonly string[],
  prepare: (host: TestHost) => Promise<void>,
): Promise<PreparedSite> {
  await using host = await openTestHost({ plugins, cameras });
  await prepare(host);
  const startAt = host.now;
  await host.stop();
  const folder = mkdtempSync(join(tmpdir(), 'heldar-prepared-'));
  removeAtExit(folder);
  cpSync(host.folder, folder, { recursive: true });
  return { folder, startAt };
}

const removing: string[] = [];

function removeAtExit(folder: string): void {
  if (removing.length === 0)
    process.once('exit', () => {
      for (const each of removing) rmSync(each, { recursive: true, force: true });
    });
  removing.push(folder);
}
