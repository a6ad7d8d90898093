/** What does `heldar.lock` say after plugins were added, accepted or removed? */
import { messageOf } from '../../errors.ts';
import type { HostedPlugin } from '../../plugins/host.ts';
import { readLock, writeLock, type LockedPlugin } from '../../plugins/lock/lock-file.ts';
import { readWholePlugin } from '../../plugins/lock/present-plugin.ts';

/** Null when its module could not be loaded: then nothing is known to lock. */
export async function lockEntryOf(plugin: HostedPlugin, cwd: string): Promise<LockedPlugin | null> {
  const { entry, manifest, definition } = plugin;
  if (entry === null || manifest === null || definition === null) return null;
  return readWholePlugin(entry.source, manifest, definition, cwd);
}

/**
 * Locks one plugin as it is now and leaves what is said of the others. Where there is no lock yet, all of them are locked.
 * Answers those that could not be, with the reason.
 */
export async function lockOne(
  lockFile: string,
  plugins: readonly HostedPlugin[],
  name: string,
  cwd: string,
): Promise<readonly string[]> {
  const before = readLock(lockFile);
  if (before === null) return lockAll(lockFile, plugins, cwd);
  const plugin = plugins.find((other) => other.name === name);
  const entry = plugin === undefined ? null : await lockEntryOf(plugin, cwd);
  if (entry !== null) writeLock(lockFile, new Map([...before, [name, entry]]));
  return [];
}

/** What the composition switches off keeps what the lock says of it: another environment may run it. */
export async function lockAll(
  lockFile: string,
  plugins: readonly HostedPlugin[],
  cwd: string,
): Promise<readonly string[]> {
  const before = readLock(lockFile);
  const locked = new Map<string, LockedPlugin>();
  const left: string[] = [];
  for (const plugin of plugins) {
    const kept = plugin.state === 'disabled' ? before?.get(plugin.name) : undefined;
    if (kept !== undefined) locked.set(plugin.name, kept);
    if (plugin.state === 'disabled') continue;
    try {
      const entry = await lockEntryOf(plugin, cwd);
      if (entry === null) left.push(`${plugin.name}: ${plugin.failure?.reason ?? 'its code was not loaded'}`);
      else locked.set(plugin.name, entry);
    } catch (error) {
      left.push(`${plugin.name}: ${messageOf(error)}`);
    }
  }
  writeLock(lockFile, locked);
  return left;
}

/** A composition without a lock gets none. Answers whether the lock named it. */
export function unlock(lockFile: string, name: string): boolean {
  const before = readLock(lockFile);
  if (before?.has(name) !== true) return false;
  writeLock(lockFile, new Map([...before].filter(([locked]) => locked !== name)));
  return true;
}
