/** How `heldar plugin add` is done: find or install it, tell what it asks for, ask, put it into the composition, check, lock. */
import { locateSpan, showFile, showOrigin, showPlaceOf } from '../../config/code-frame.ts';
import { addEntry } from '../../config/edit/add-entry.ts';
import type { ResolvedConfig } from '../../config/load-config.ts';
import { isSecretName } from '../../config/mask.ts';
import { readPluginEntry, type NamedPlugin } from '../../config/plugin-source.ts';
import { resolveModule } from '../../config/resolve-module.ts';
import { HeldarError } from '../../errors.ts';
import { describeOptions } from '../../plugins/describe-schema.ts';
import type { HostedPlugin } from '../../plugins/host.ts';
import { readManifest } from '../../plugins/manifest.ts';
import { surveyPlugins } from '../survey.ts';
import type { AddFlags } from './add.ts';
import { agree } from './agree.ts';
import { introduce } from './introduce.ts';
import { isPresent } from './is-present.ts';
import { obtain } from './obtain.ts';
import { readWanted } from './package-spec.ts';
import { readGivenOptions } from './plugin-options.ts';
import { lockOne } from './relock.ts';
import { rewriteComposition } from './rewrite.ts';
import { openSite, type Site } from './site.ts';
import { tellCapabilities } from './tell-capabilities.ts';

export async function addPlugin(text: string, flags: AddFlags): Promise<void> {
  const { file, options } = readGivenOptions(flags);
  const wanted = readWanted(text, process.cwd());
  const site = await openSite({
    ...(file === undefined ? {} : { config: file }),
    ...(flags.env === undefined ? {} : { env: flags.env }),
  });
  if (
    wanted.kind === 'package' &&
    (await isPresent(site, { specifier: wanted.name, file: null, name: null }))
  )
    return;
  const specifier = await obtain(wanted, site.folder, flags.install);
  const plugin = newcomer(specifier, site);
  const manifest = readManifest(plugin.source, plugin.name);
  if (await isPresent(site, { ...plugin.source, name: manifest.name })) return;
  const unchanged = `${site.shown} is as it was${wanted.kind === 'path' ? '' : '; the package stays installed'}`;
  const told = await tellCapabilities(plugin, manifest, flags.yes === true, unchanged);
  say(introduce(told.name, manifest, plugin.source, told.capabilities, site.config.cwd));
  const edited = await writeEntry(site, specifier, options);
  await agree(`Add ${told.name} to ${site.shown}?`, flags.yes === true, unchanged);
  await addTo(site, specifier, told.name, edited);
}

function newcomer(specifier: string, { folder }: Site): NamedPlugin {
  const plugin = readPluginEntry(specifier, folder);
  if (plugin !== null) return plugin;
  throw new HeldarError('plugin_invalid', `${specifier} cannot be named in a composition`);
}

/** The composition's text with the plugin in it. @throws HeldarError `config_invalid` with the line to add, where its list is computed. */
async function writeEntry(
  { file, folder, text, shown, config }: Site,
  specifier: string,
  options: unknown,
): Promise<string> {
  const canImportSdk = resolveModule('@heldar/plugin-sdk', folder) !== null;
  const added = await addEntry(file, text, { specifier, config: options, canImportSdk });
  if (added.text !== null) return added.text;
  const place = showPlaceOf(locateSpan(file, text, added.at, added.at + 1), config.cwd);
  throw new HeldarError(
    'config_invalid',
    `${added.what} is computed at ${place}, so ${shown} is as it was\n  next: add this to its list of plugins, then run heldar plugin lock:\n    ${added.code},`,
  );
}

async function addTo(site: Site, specifier: string, name: string, text: string): Promise<void> {
  const { config, lockFile } = site;
  const { plugin, left, edited } = await rewriteComposition(site, text, async (composition) => {
    const survey = await surveyPlugins(composition, (other) => other === name || other === specifier);
    const fit = refuseUnfit(survey, specifier);
    const unlocked = await lockOne(lockFile, survey, fit.name, config.cwd);
    return { plugin: fit, left: unlocked, edited: composition };
  });
  await report(plugin, site, left, edited);
}

/** @throws HeldarError `plugin_failed` when the plugin could not start with this composition. */
function refuseUnfit(survey: readonly HostedPlugin[], specifier: string): HostedPlugin {
  const plugin = survey.find((other) => other.specifier === specifier);
  if (plugin === undefined)
    throw new HeldarError(
      'plugin_failed',
      `the composition does not run ${specifier}: something in it takes the entry out again`,
    );
  const { name, failure, definition } = plugin;
  if (failure === null) return plugin;
  const next =
    failure.stage === 'config' && definition?.config !== undefined
      ? optionsHint(definition.config)
      : failure.next;
  throw new HeldarError('plugin_failed', `${name} could not start: ${failure.reason}\n  next: ${next}`);
}

function optionsHint(schema: Parameters<typeof describeOptions>[0]): string {
  const options = (describeOptions(schema) ?? []).map(
    ({ name, type, required }) => `${name} (${type}${required ? ', required' : ''})`,
  );
  return `give options with --config name=value; there are ${options.length === 0 ? 'those its documentation names' : options.join(', ')}`;
}

async function report(
  plugin: HostedPlugin,
  { shown, lockFile, config }: Site,
  left: readonly string[],
  edited: ResolvedConfig,
) {
  const entry = edited.plugins.find(({ source }) => source.specifier === plugin.specifier);
  const place = entry === undefined ? shown : await showOrigin(entry.origin, config.cwd);
  say(
    `${plugin.name} ${plugin.version} is added: ${place}, ${showFile(lockFile, config.cwd)}; it runs from the next start on\n`,
  );
  for (const line of left) say(`not locked, it will not start: ${line}\n`);
  const secrets = [...(plugin.entry?.provenance.keys() ?? [])].filter(isSecretName);
  if (secrets.length > 0)
    say(
      `${shown} now holds ${secrets.join(', ')} in plain text; better take it from the environment: process.env['…']\n`,
    );
}

function say(text: string): void {
  process.stdout.write(text);
}
