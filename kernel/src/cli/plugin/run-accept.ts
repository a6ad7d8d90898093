/** How `heldar plugin accept` is done: load it as it is now, tell the difference, write that to the lock. */
import { showFile } from '../../config/code-frame.ts';
import { HeldarError } from '../../errors.ts';
import type { HostedPlugin } from '../../plugins/host.ts';
import { differencesOf } from '../../plugins/lock/differences.ts';
import { readLock, writeLock, type LockedPlugin } from '../../plugins/lock/lock-file.ts';
import type { CompositionFlags } from '../composition.ts';
import { surveyPlugins } from '../survey.ts';
import { introduce } from './introduce.ts';
import { lockEntryOf } from './relock.ts';
import { openSite, type Site } from './site.ts';

export async function acceptPlugin(wanted: string, flags: CompositionFlags): Promise<void> {
  const site = await openSite(flags);
  const { lockFile, config } = site;
  const shown = showFile(lockFile, config.cwd);
  const locked = readLock(lockFile);
  if (locked === null)
    throw new HeldarError(
      'usage',
      `there is no ${shown}: nothing is compared\n  next: heldar plugin lock writes one`,
    );
  const plugin = await findPlugin(wanted, site);
  const now = await lockEntryOf(plugin, config.cwd);
  if (now === null)
    throw new HeldarError(
      'plugin_failed',
      `${plugin.name} cannot be loaded: ${plugin.failure?.reason ?? plugin.state}\n  next: ${plugin.failure?.next ?? 'switch it on first'}`,
    );
  const before = locked.get(plugin.name);
  tell(plugin, before, now, site);
  writeLock(lockFile, new Map([...locked, [plugin.name, now]]));
  process.stdout.write(
    `${plugin.name} ${now.version} is accepted: ${shown}; it runs from the next start or reload on\n`,
  );
}

/** Its code runs: that is what is being agreed to. Code of others that nobody agreed to does not. */
async function findPlugin(wanted: string, { config }: Site): Promise<HostedPlugin> {
  const plugins = await surveyPlugins(config, (name) => name === wanted);
  const plugin = plugins.find(({ name, specifier }) => name === wanted || specifier === wanted);
  if (plugin !== undefined) return plugin;
  throw new HeldarError(
    'usage',
    `the composition has no plugin '${wanted}'; it has ${plugins.map(({ name }) => name).join(', ') || 'none'}`,
  );
}

function tell(
  plugin: HostedPlugin,
  before: LockedPlugin | undefined,
  now: LockedPlugin,
  { config }: Site,
): void {
  const { name, manifest, entry, definition } = plugin;
  if (before === undefined) {
    if (manifest !== null && entry !== null)
      process.stdout.write(
        introduce(name, manifest, entry.source, definition?.capabilities ?? [], config.cwd),
      );
    return;
  }
  const differences = differencesOf(before, { ...now, checksum: (path) => now.migrations[path] ?? null });
  process.stdout.write(
    differences.length === 0
      ? `${name} is what was locked\n`
      : `${name}\n${differences.map(({ text, isWider }) => `  ${isWider ? '+' : '-'} ${text}\n`).join('')}`,
  );
}
