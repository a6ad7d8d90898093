/** How `heldar plugin lock` is done: tell what has changed, ask, and write down all plugins as they are now. */
import { showFile } from '../../config/code-frame.ts';
import type { HostedPlugin } from '../../plugins/host.ts';
import { checkLock, openLock } from '../../plugins/lock/check-lock.ts';
import { readLock } from '../../plugins/lock/lock-file.ts';
import type { CompositionFlags } from '../composition.ts';
import { surveyPlugins } from '../survey.ts';
import { alignColumns } from '../table.ts';
import { agree } from './agree.ts';
import { lockAll } from './relock.ts';
import { openSite, type Site } from './site.ts';

export async function lockPlugins(flags: CompositionFlags & { readonly yes?: true }): Promise<void> {
  const site = await openSite(flags);
  const { config, lockFile } = site;
  const shown = showFile(lockFile, config.cwd);
  const changed = await changedPlugins(site);
  for (const line of changed) process.stdout.write(`${line}\n`);
  if (changed.length > 0)
    await agree(
      `Agree to ${changed.length === 1 ? 'it' : 'all of them'} as now?`,
      flags.yes === true,
      `${shown} is as it was`,
    );
  // Their code runs from here on.
  const left = await lockAll(lockFile, await surveyPlugins(config, () => true), config.cwd);
  const locked = [...(readLock(lockFile) ?? [])];
  process.stdout.write(`${shown} names ${locked.length} plugin${locked.length === 1 ? '' : 's'}\n`);
  process.stdout.write(
    alignColumns(
      locked.map(([name, { version, workspace, capabilities }]) => [
        `  ${name}`,
        workspace === true ? 'of the site' : version,
        capabilities.length === 0 ? 'no capabilities' : capabilities.join(', '),
      ]),
    ),
  );
  for (const line of left) process.stdout.write(`not locked, it will not start: ${line}\n`);
}

/** Why a start would refuse them now; none without a lock. */
async function changedPlugins({ config }: Site): Promise<string[]> {
  const lock = openLock(config);
  if (lock === null) return [];
  const told: string[] = [];
  for (const plugin of await surveyPlugins(config)) {
    const refused = await refusalOf(plugin, lock, config.cwd);
    if (refused !== null) told.push(`${plugin.name}: ${refused.reason}`);
  }
  return told;
}

async function refusalOf(plugin: HostedPlugin, lock: NonNullable<ReturnType<typeof openLock>>, cwd: string) {
  const { name, manifest, definition, entry } = plugin;
  if (entry === null) return null;
  const before = await checkLock(lock, { name, manifest, entry, definition: null }, cwd);
  return before ?? checkLock(lock, { name, manifest, entry, definition }, cwd);
}
