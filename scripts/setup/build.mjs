/** Is every workspace built from the sources as they are? Builds them when they are not. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { runToEnd } from './run.mjs';
import { say } from './say.mjs';
import { SetupError } from './setup-error.mjs';
import { hashOf, readStamp, writeStamp } from './stamp.mjs';

/** @param {string} root */
export async function buildWorkspaces(root) {
  const workspaces = builtWorkspaces(root);
  if (workspaces.length === 0) return;
  const sources = hashSources(root, workspaces);
  const isBuilt = workspaces.every((folder) => existsSync(join(root, folder, 'dist')));
  if (isBuilt && readStamp(root).build === sources) return;
  say(isBuilt ? 'sources have changed: building' : 'building');
  await runTurbo(root);
  writeStamp(root, { build: sources });
}

/** @param {string} root */
async function runTurbo(root) {
  const turbo = join(root, 'node_modules', 'turbo', 'bin', 'turbo');
  // The cache of this machine only, no usage data, no look for newer versions: nothing leaves the machine.
  const args = ['run', 'build', '--output-logs=errors-only', '--cache=local:rw'];
  const env = { TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1', DO_NOT_TRACK: '1' };
  const { code, output } = await runToEnd([process.execPath, turbo, ...args], {
    cwd: root,
    env,
    capture: true,
  });
  if (code === 0) return;
  process.stderr.write(output);
  throw new SetupError(
    'the build failed; what the compiler says stands above',
    'correct it, then repeat the command',
  );
}

/**
 * The workspaces with a build script, as paths below `root`.
 * @param {string} root
 */
function builtWorkspaces(root) {
  /** @type {string[]} */
  const patterns = readJson(join(root, 'package.json')).workspaces ?? [];
  const folders = patterns.flatMap((pattern) => {
    if (!pattern.endsWith('/*')) return [pattern];
    const parent = pattern.slice(0, -2);
    if (!existsSync(join(root, parent))) return [];
    return readdirSync(join(root, parent)).map((name) => `${parent}/${name}`);
  });
  return folders.sort().filter((folder) => {
    const file = join(root, folder, 'package.json');
    return existsSync(file) && readJson(file).scripts?.build !== undefined;
  });
}

/** @param {string} file */
function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/**
 * @param {string} root
 * @param {readonly string[]} workspaces
 */
function hashSources(root, workspaces) {
  const files = [
    ...['package-lock.json', 'tsconfig.base.json', 'turbo.json'].filter((name) =>
      existsSync(join(root, name)),
    ),
    ...workspaces.flatMap((folder) => [...configsOf(root, folder), ...sourcesOf(root, `${folder}/src`)]),
  ];
  return hashOf(files.flatMap((name) => [name, readFileSync(join(root, name))]));
}

/**
 * @param {string} root
 * @param {string} folder
 */
function configsOf(root, folder) {
  const names = readdirSync(join(root, folder)).filter((name) => /^(?:package|tsconfig.*)\.json$/.test(name));
  return names.sort().map((name) => `${folder}/${name}`);
}

/**
 * All files below a folder but the tests, which no build contains.
 * @param {string} root
 * @param {string} folder
 * @returns {string[]}
 */
function sourcesOf(root, folder) {
  if (!existsSync(join(root, folder))) return [];
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return sourcesOf(root, path);
      return entry.isFile() && !/\.test(?:-d)?\.ts$/.test(entry.name) ? [path] : [];
    });
}
