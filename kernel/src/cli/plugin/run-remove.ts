/** How `heldar plugin remove` is done: take it out of the composition, check, and forget it in the lock. */
import { showFile, locateSpan, showOrigin, showPlaceOf } from '../../config/code-frame.ts';
import { removeEntry } from '../../config/edit/remove-entry.ts';
import type { ResolvedPluginEntry } from '../../config/resolve-plugins.ts';
import { isPath } from '../../config/resolve-module.ts';
import { HeldarError } from '../../errors.ts';
import { readManifest } from '../../plugins/manifest.ts';
import type { CompositionFlags } from '../composition.ts';
import { surveyPlugins } from '../survey.ts';
import { projectOf, uninstallCommand } from './package-manager.ts';
import { unlock } from './relock.ts';
import { rewriteComposition } from './rewrite.ts';
import { openSite, type Site } from './site.ts';

export async function removePlugin(wanted: string, flags: CompositionFlags): Promise<void> {
  const site = await openSite(flags);
  const { name, entry } = await findEntry(wanted, site);
  await refuseOfBase(name, entry, site);
  refuseNeeded(name, site);
  const index = Number(entry.origin.keys[1]);
  const removed = await removeEntry(site.file, site.text, index);
  if (removed.text === null) {
    const place = showPlaceOf(locateSpan(site.file, site.text, removed.at, removed.at + 1), site.config.cwd);
    throw new HeldarError(
      'config_invalid',
      `${removed.what} is computed at ${place}, so ${site.shown} is as it was\n  next: take ${name} out by hand, then run heldar plugin lock`,
    );
  }
  const still = await rewriteComposition(site, removed.text, async ({ plugins }) =>
    plugins.find((other) => other.name === name),
  );
  const isUnlocked = still === undefined && unlock(site.lockFile, name);
  await report(name, entry, still, site, isUnlocked);
}

/** By name or as the composition names it; a name that only its code tells costs loading the code. */
async function findEntry(
  wanted: string,
  { config }: Site,
): Promise<{ name: string; entry: ResolvedPluginEntry }> {
  const known = config.plugins.find(({ name, source }) => name === wanted || source.specifier === wanted);
  if (known !== undefined) return { name: known.name ?? wanted, entry: known };
  const hasNameless = config.plugins.some(({ name }) => name === null);
  const survey = hasNameless ? await surveyPlugins(config) : [];
  const plugin = survey.find(({ name, entry }) => name === wanted && entry !== null);
  if (plugin?.entry != null) return { name: wanted, entry: plugin.entry };
  const off = config.disabled.find(({ name }) => name === wanted);
  if (off !== undefined)
    throw new HeldarError(
      'usage',
      `${wanted} is switched off already: ${await showOrigin(off.origin, config.cwd)}\n  next: take its entry out by hand, or leave it`,
    );
  const names = config.plugins.map(({ name, source }) => name ?? source.specifier ?? '');
  throw new HeldarError(
    'usage',
    `the composition has no plugin '${wanted}'; it has ${names.length === 0 ? 'none' : names.join(', ')}`,
  );
}

async function refuseOfBase(name: string, { origin }: ResolvedPluginEntry, { file, shown, config }: Site) {
  if (origin.file === file) return;
  throw new HeldarError(
    'config_invalid',
    `${name} is named by ${await showOrigin(origin, config.cwd)}, which ${shown} extends\n  next: switch it off in ${shown}: disable: ['${name}']`,
  );
}

/** @throws HeldarError `conflict` when another plugin of the composition requires it. */
function refuseNeeded(name: string, { config, shown }: Site): void {
  const needing = config.plugins.flatMap((entry) => {
    const manifest = readManifest(entry.source, entry.name);
    return Object.hasOwn(manifest.requires, name) ? [entry.name ?? entry.source.specifier ?? ''] : [];
  });
  if (needing.length > 0)
    throw new HeldarError(
      'conflict',
      `${needing.join(' and ')} require${needing.length === 1 ? 's' : ''} ${name}; ${shown} is as it was\n  next: heldar plugin remove ${needing[0] ?? ''} first`,
    );
}

async function report(
  name: string,
  entry: ResolvedPluginEntry,
  still: ResolvedPluginEntry | undefined,
  site: Site,
  isUnlocked: boolean,
) {
  const { shown, config, lockFile, folder } = site;
  if (still !== undefined) {
    process.stdout.write(
      `${name} is taken out of ${shown}; ${await showOrigin(still.origin, config.cwd)} names it too, so it still runs\n`,
    );
    return;
  }
  process.stdout.write(
    `${name} is removed from ${shown}${isUnlocked ? ` and ${showFile(lockFile, config.cwd)}` : ''}\n`,
  );
  const { specifier } = entry.source;
  if (specifier !== null && !isPath(specifier))
    process.stdout.write(
      `its package stays; to remove it: ${await uninstallCommand(specifier, projectOf(folder))}\n`,
    );
  process.stdout.write(
    `its data stays; to delete it, with the kernel stopped: heldar migrate uninstall ${name} --yes\n`,
  );
}
