/** How `heldar plugin upgrade` is done: install, agree, swap; and everything back when the new version is not taken over. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import semver from 'semver';
import { isPath, findPackage } from '../../config/resolve-module.ts';
import { HeldarError, messageOf } from '../../errors.ts';
import { readLock } from '../../plugins/lock/lock-file.ts';
import { install, projectOf } from './package-manager.ts';
import { acceptPlugin } from './run-accept.ts';
import { askForChange, type ChangeFlags } from './run-change.ts';
import { openSite, type Site } from './site.ts';

export async function upgradePlugin(name: string, version: string, flags: ChangeFlags): Promise<void> {
  const site = await openSite(flags);
  const { packageName, before } = packageOf(name, site);
  const project = projectOf(site.folder);
  const isLocked = readLock(site.lockFile) !== null;
  const lockText = isLocked ? readFileSync(site.lockFile) : null;
  const back = installedFrom(packageName, before, project);
  await install(isFile(version) ? resolve(version) : `${packageName}@${version}`, project);
  try {
    if (isLocked) await acceptPlugin(name, flags);
    const { took_ms: tookMs } = await askForChange('reload', name, flags);
    const { before: now } = packageOf(name, await openSite(flags));
    process.stdout.write(`${name} ${before} → ${now} serves, in ${tookMs} ms\n`);
  } catch (error) {
    await install(back, project);
    if (lockText !== null) writeFileSync(site.lockFile, lockText);
    const code = error instanceof HeldarError ? error.code : 'internal';
    throw new HeldarError(code, `${messageOf(error)}\n  ${name} ${before} is installed again`, {
      cause: error,
    });
  }
}

/** An archive or a folder instead of a version. */
function isFile(version: string): boolean {
  return isPath(version) || version.endsWith('.tgz');
}

/** What brings back what is installed now: the exact version, or the archive or repository that the project names. */
function installedFrom(packageName: string, version: string, project: string): string {
  const { dependencies = {} } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  const named = dependencies[packageName];
  const isElsewhere = named !== undefined && semver.validRange(named) === null;
  return `${packageName}@${isElsewhere ? named : version}`;
}

/** @throws HeldarError `usage` for what no package manager has brought. */
function packageOf(name: string, { config }: Site): { packageName: string; before: string } {
  const entry = config.plugins.find((plugin) => plugin.name === name);
  if (entry === undefined)
    throw new HeldarError(
      'usage',
      `the composition has no plugin '${name}'; it has ${config.plugins.map((plugin) => plugin.name ?? '').join(', ') || 'none'}`,
    );
  const { specifier, file } = entry.source;
  const found = file === null ? null : findPackage(file);
  const { name: packageName, version } = (found?.content ?? {}) as { name?: unknown; version?: unknown };
  if (
    specifier === null ||
    isPath(specifier) ||
    typeof packageName !== 'string' ||
    typeof version !== 'string'
  )
    throw new HeldarError(
      'usage',
      `${name} is not an installed package; next: change its files, then heldar plugin reload ${name}`,
    );
  return { packageName, before: version };
}
