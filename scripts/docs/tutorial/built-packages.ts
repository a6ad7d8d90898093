/** The packages of this repository as their users get them: built from the sources as they are now, in a `node_modules` of its own. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const installed = join(root, 'node_modules');

/** Builds into `<folder>/node_modules`; all other packages are those of the repository. */
export async function buildPackages(folder: string): Promise<void> {
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@heldar'), { recursive: true });
  mkdirSync(join(modules, '.bin'));
  link(installed, modules, (name) => !['@heldar', '.bin'].includes(name));
  link(join(installed, '.bin'), join(modules, '.bin'), (name) => name !== 'heldar');

  await Promise.all(['plugin-sdk', 'kernel'].map((name) => build(name, join(modules, '@heldar', name))));
  cpSync(join(root, 'kernel', 'bin'), join(modules, '@heldar', 'kernel', 'bin'), { recursive: true });
  cpSync(join(root, 'migrations'), join(modules, '@heldar', 'kernel', 'migrations'), { recursive: true });
  symlinkSync('../@heldar/kernel/bin/heldar.mjs', join(modules, '.bin', 'heldar'));
}

/** Types are checked elsewhere. */
async function build(name: string, folder: string): Promise<void> {
  const compiler = join(installed, 'typescript', 'bin', 'tsc');
  const project = join(root, name, 'tsconfig.build.json');
  const args = [compiler, '-p', project, '--outDir', join(folder, 'dist'), '--noCheck'];
  await promisify(execFile)(process.execPath, args);
  cpSync(join(root, name, 'package.json'), join(folder, 'package.json'));
}

function link(from: string, to: string, isWanted: (name: string) => boolean): void {
  for (const name of readdirSync(from).filter(isWanted)) symlinkSync(join(from, name), join(to, name));
}
