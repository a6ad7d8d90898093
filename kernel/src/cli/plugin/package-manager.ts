/** How does a site install a package: with which package manager, and with scripts of packages left out? */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { detect, resolveCommand, type Agent } from 'package-manager-detector';
import { HeldarError, messageOf } from '../../errors.ts';

/** What keeps each from running code of the package it installs. */
const withoutScripts: Partial<Record<Agent, readonly string[]>> = {
  npm: ['--ignore-scripts'],
  pnpm: ['--ignore-scripts'],
  'pnpm@6': ['--ignore-scripts'],
  yarn: ['--ignore-scripts', '--ignore-workspace-root-check'],
  'yarn@berry': ['--mode=skip-build'],
  bun: ['--ignore-scripts'],
};

export interface PackageCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** The folder of the package that a composition belongs to: the nearest `package.json`, else the composition's own. */
export function projectOf(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, 'package.json'))) return at;
    if (at === dirname(at)) return folder;
  }
}

/** @throws HeldarError `usage` for a package manager whose options are not known here. */
export async function installCommand(spec: string, project: string): Promise<PackageCommand> {
  const agent = (await detect({ cwd: project }))?.agent ?? 'npm';
  const flags = withoutScripts[agent];
  const root = agent.startsWith('pnpm') && existsSync(join(project, 'pnpm-workspace.yaml')) ? ['-w'] : [];
  const command = flags === undefined ? null : resolveCommand(agent, 'add', [spec, ...flags, ...root]);
  if (command === null)
    throw new HeldarError(
      'usage',
      `this project uses ${agent}, which heldar does not know how to run without the scripts of packages\n  next: install ${spec} with it, then run the same with --no-install`,
    );
  return command;
}

export async function uninstallCommand(name: string, project: string): Promise<string> {
  const agent = (await detect({ cwd: project }))?.agent ?? 'npm';
  return showCommand(
    resolveCommand(agent, 'uninstall', [name]) ?? { command: 'npm', args: ['uninstall', name] },
  );
}

export function showCommand({ command, args }: PackageCommand): string {
  return [command, ...args].join(' ');
}

/**
 * Installs it, with the package manager's own words on standard error. Answers the name it is known by afterwards.
 * @throws HeldarError `plugin_invalid` when the package manager fails.
 */
export async function install(spec: string, project: string): Promise<string> {
  const { command, args } = await installCommand(spec, project);
  const before = dependenciesOf(project);
  const ended = await execa(command, [...args], {
    cwd: project,
    stdin: 'ignore',
    stdout: process.stderr,
    stderr: process.stderr,
    reject: false,
  });
  if (ended.failed)
    throw new HeldarError(
      'plugin_invalid',
      `${showCommand({ command, args })} failed in ${project}${ended.exitCode === undefined ? `: ${messageOf(ended.cause ?? ended)}` : ''}\n  next: mend what it says, then run the same again`,
    );
  const after = dependenciesOf(project);
  const name =
    [...after].find(([key, value]) => before.get(key) !== value)?.[0] ??
    [...after].find(([key, value]) => key === spec || value.endsWith(spec.replace(/^.*[\\/]/, '')))?.[0];
  if (name !== undefined) return name;
  throw new HeldarError(
    'plugin_invalid',
    `${showCommand({ command, args })} added no dependency to ${join(project, 'package.json')}\n  next: install it yourself, then add it by its package's name`,
  );
}

function dependenciesOf(project: string): Map<string, string> {
  const file = join(project, 'package.json');
  if (!existsSync(file)) return new Map();
  try {
    const { dependencies } = JSON.parse(readFileSync(file, 'utf8')) as {
      dependencies?: Record<string, string>;
    };
    return new Map(Object.entries(dependencies ?? {}));
  } catch (error) {
    throw new HeldarError('plugin_invalid', `${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
