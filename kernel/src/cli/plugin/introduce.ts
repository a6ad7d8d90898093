/** What is a plugin, and what does it ask for? Told before anybody agrees to it. */
import type { PluginCapability } from '@heldar/plugin-sdk';
import { showFile } from '../../config/code-frame.ts';
import type { PluginSource } from '../../config/plugin-source.ts';
import { isInstalled } from '../../plugins/lock/package-integrity.ts';
import type { Manifest } from '../../plugins/manifest.ts';
import { releasedNames } from '../../store/migrations/owner.ts';
import { tablePrefixOf } from '../../store/table-prefix.ts';
import { sdkVersion } from '../../version.ts';
import { alignColumns } from '../table.ts';

const meaningOf: Readonly<Record<PluginCapability, string>> = {
  'events:emit': 'puts events of its own into the journal',
  'events:read': 'is told of the events of others',
  'cameras:read': 'sees which cameras there are; no addresses, no credentials',
  'frames:keep': 'keeps pictures as evidence',
  'http:outbound': 'sends requests to other machines',
  'services:call': 'calls services of other plugins',
};

/** `capabilities`: what its code says, where its package does not. */
export function introduce(
  name: string,
  manifest: Manifest,
  { specifier }: Pick<PluginSource, 'specifier'>,
  capabilities: readonly PluginCapability[],
  cwd: string,
): string {
  const { version, api, requires, routes, release, isolation, folder } = manifest;
  const source =
    folder === null
      ? 'defined in the composition'
      : `${isInstalled(folder) ? 'installed' : 'a folder of the site'}: ${showFile(folder, cwd)}`;
  const rows = [
    ['package', `${specifier ?? ''} ${source}`.trim()],
    ['API range', `${api ?? 'none stated'} (this kernel speaks ${sdkVersion})`],
    ...listed(
      'requires',
      Object.entries(requires).map(([needed, range]) => `${needed} ${range}`),
      'no other plugin',
    ),
    ...listed(
      'capabilities',
      capabilities.map((capability) => `${capability}: ${meaningOf[capability]}`),
      'none',
    ),
    ...listed('routes', [`below /api/v1/plugins/${name}`, ...routes], 'none'),
    ['tables', `${tablePrefixOf(name)}…`],
    ...listed('migrations', releasedNames(release), 'none shipped'),
    [
      'isolation',
      isolation === 'inline' ? 'none: it runs in the kernel’s process' : `asks for a ${isolation} of its own`,
    ],
  ];
  return `${name} ${version}\n${alignColumns(rows.map(([label = '', value = '']) => [`  ${label}`, value]))}`;
}

function listed(label: string, values: readonly string[], none: string): string[][] {
  if (values.length === 0) return [[label, none]];
  return values.map((value, index) => [index === 0 ? label : '', value]);
}
