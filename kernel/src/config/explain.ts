/** Which value each setting and option has, from which file or variable, and what it replaced. */
import { showFile, showOrigin } from './code-frame.ts';
import type { ResolvedConfig } from './load-config.ts';
import { showValue } from './mask.ts';
import type { Provenance } from './origin.ts';
import type { ResolvedPluginEntry } from './resolve-plugins.ts';
import { settingAt } from './settings.ts';

type Row = readonly [name: string, value: string, from: string];

/** The text of `heldar config`; `replaced` adds a line for every value that another took the place of. */
export async function explainConfig(config: ResolvedConfig, replaced: boolean): Promise<string> {
  const rows = await settingRows(config, replaced);
  const blocks = [describeSources(config), alignRows([['setting', 'value', 'from'], ...rows])];
  blocks.push(await explainPlugins(config, replaced));
  if (config.warnings.length > 0) blocks.push(config.warnings.map((text) => `⚠ ${text}`).join('\n'));
  return `${blocks.join('\n\n')}\n`;
}

function describeSources({ layers, environment, envFile, cwd }: ResolvedConfig): string {
  const files = layers.map(({ file }) => (file === null ? 'the program' : showFile(file, cwd)));
  const composition = files.length > 0 ? files.toReversed().join(' over ') : '(none: no heldar.config.ts)';
  const lines = [`composition  ${composition}`, `environment  ${environment}`];
  if (envFile) lines.push(`variables    the environment, then ${showFile(envFile.file, cwd)}`);
  return lines.join('\n');
}

async function settingRows({ provenance, cwd }: ResolvedConfig, replaced: boolean): Promise<Row[]> {
  const rows: Row[] = [];
  const sorted = [...provenance].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [path, value] of sorted)
    rows.push(...(await rowsOf(path, value, cwd, replaced, settingAt(path).secret)));
  return rows;
}

async function rowsOf(
  name: string,
  value: Provenance,
  cwd: string,
  replaced: boolean,
  secret?: boolean,
): Promise<Row[]> {
  const note = value.note === undefined ? '' : ` (${value.note})`;
  const first: Row = [
    name,
    showValue(name, value.value, secret),
    `${await showOrigin(value.origin, cwd)}${note}`,
  ];
  if (!replaced) return [first];
  const others = value.replaced.map(async (other): Promise<Row> => {
    const from = await showOrigin(other.origin, cwd);
    return ['', `  replaced ${showValue(name, other.value, secret)}`, `  ${from}`];
  });
  return [first, ...(await Promise.all(others))];
}

async function explainPlugins(config: ResolvedConfig, replaced: boolean): Promise<string> {
  const { plugins, disabled, cwd } = config;
  if (plugins.length + disabled.length === 0) return 'no plugins';
  const rows: Row[] = [['plugin', 'module or option', 'from']];
  for (const plugin of plugins) rows.push(...(await pluginRows(plugin, cwd, replaced)));
  for (const { name, origin } of disabled) rows.push([name, 'off', await showOrigin(origin, cwd)]);
  return alignRows(rows);
}

async function pluginRows(plugin: ResolvedPluginEntry, cwd: string, replaced: boolean): Promise<Row[]> {
  const name = plugin.name ?? '(known once loaded)';
  const rows: Row[] = [
    [name, plugin.source.specifier ?? 'imported by the composition', await showOrigin(plugin.origin, cwd)],
  ];
  const sorted = [...plugin.provenance].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [option, value] of sorted) {
    for (const [own, shown, from] of await rowsOf(option, value, cwd, replaced))
      rows.push([own === '' ? '' : `  ${own}`, shown, from]);
  }
  return rows;
}

/** Columns as wide as their widest cell; a very long cell doesn't push the others away. */
function alignRows(rows: readonly Row[]): string {
  const widest = 60;
  const width = (column: 0 | 1) =>
    Math.max(...rows.map((row) => row[column].length).filter((length) => length <= widest));
  const [first, second] = [width(0), width(1)];
  return rows
    .map(([name, value, from]) => `${name.padEnd(first)}  ${value.padEnd(second)}  ${from}`.trimEnd())
    .join('\n');
}
