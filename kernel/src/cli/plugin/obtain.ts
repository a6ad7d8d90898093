/** How does a composition name the plugin that somebody wants, and is it there? Installs what is missing. */
import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import semver from 'semver';
import { resolveModule } from '../../config/resolve-module.ts';
import { HeldarError } from '../../errors.ts';
import { install, installCommand, projectOf, showCommand } from './package-manager.ts';
import type { Wanted } from './package-spec.ts';

/**
 * Answers the specifier, as an import in `folder` would have it.
 * @throws HeldarError `plugin_invalid` when it is missing and can't or may not be installed.
 */
export async function obtain(wanted: Wanted, folder: string, mayInstall: boolean): Promise<string> {
  if (wanted.kind === 'path') return specifierOfPath(wanted.path, folder);
  const project = projectOf(folder);
  if (wanted.kind === 'package' && isThere(wanted.name, wanted.range, folder)) return wanted.name;
  if (!mayInstall)
    throw new HeldarError(
      'plugin_invalid',
      `${wanted.spec} is not installed\n  next: ${showCommand(await installCommand(wanted.spec, project))}, in ${project}`,
    );
  const name = await install(wanted.spec, project);
  if (resolveModule(name, folder) !== null) return name;
  throw new HeldarError(
    'plugin_invalid',
    `${name} is installed in ${project}, but nothing can be imported from it\n  next: it has to be a package with "exports" or "main" in its package.json`,
  );
}

function isThere(name: string, range: string | null, folder: string): boolean {
  if (resolveModule(name, folder) === null) return false;
  if (range === null) return true;
  const version = installedVersion(name, folder);
  return version !== null && semver.validRange(range) !== null && semver.satisfies(version, range);
}

function installedVersion(name: string, folder: string): string | null {
  const file = join(projectOf(folder), 'node_modules', name, 'package.json');
  if (!existsSync(file)) return null;
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version?: unknown };
  return typeof version === 'string' ? version : null;
}

/** An import names a file, not a folder. */
function specifierOfPath(path: string, folder: string): string {
  const file = resolveModule(path, folder);
  if (file === null)
    throw new HeldarError(
      'plugin_invalid',
      `nothing can be imported from ${path}\n  next: name its file, or give its package.json a "name" and "exports"`,
    );
  const way = relative(folder, resolve(file)).split(sep).join('/');
  return way.startsWith('../') ? way : `./${way}`;
}
