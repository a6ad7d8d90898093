/** Are the npm packages of package-lock.json installed? Installs them when they are not. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { npmCommand, runToEnd } from './run.mjs';
import { say } from './say.mjs';
import { SetupError } from './setup-error.mjs';
import { hashOf, readStamp, writeStamp } from './stamp.mjs';

/** @param {string} root */
export async function installPackages(root) {
  const lock = readFileSync(join(root, 'package-lock.json'));
  // A folder shared between systems holds programs for one of them only.
  const wanted = hashOf([lock, process.platform, process.arch]);
  if (readStamp(root).packages === wanted) return;
  if (!matchesLock(root, lock.toString())) await runNpmCi(root);
  writeStamp(root, { packages: wanted });
}

/** @param {string} root */
async function runNpmCi(root) {
  const found = existsSync(join(root, 'node_modules'));
  say(
    `${found ? 'package-lock.json has changed' : 'there is no node_modules'}: running npm ci --ignore-scripts`,
  );
  // With NODE_ENV=production npm would leave out what the build needs.
  // Warnings are about the Node that runs npm now, not about the one that npm installs.
  const args = ['ci', '--ignore-scripts', '--include=dev', '--include=optional', '--loglevel=error'];
  const { code } = await runToEnd([...npmCommand(), ...args], { cwd: root });
  if (code === 0) return;
  throw new SetupError(
    code === null ? 'npm could not be started' : `npm ci failed with ${code}; what it says stands above`,
    'where it says that package.json and package-lock.json disagree: npm install --ignore-scripts; else see that ' +
      '`npm --version` says 10 or more and that the registry can be reached, then repeat the command',
  );
}

/**
 * Whether npm has installed just this already, as it does on `npm install <package>`. npm keeps what it has installed in a
 * lock file of its own, which it writes last. Packages for other systems are not in it.
 * @param {string} root
 * @param {string} lockText
 */
function matchesLock(root, lockText) {
  const installedFile = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const installed = packagesOf(readFileSync(installedFile, 'utf8'));
  return Object.entries(packagesOf(lockText)).every(([path, wanted]) => {
    if (!path.startsWith('node_modules/') && !path.includes('/node_modules/')) return true;
    const found = installed[path];
    if (found === undefined) return wanted.optional === true && !isMadeForHere(wanted);
    return (
      found.version === wanted.version && found.integrity === wanted.integrity && found.link === wanted.link
    );
  });
}

/**
 * @typedef {{ version?: string, integrity?: string, link?: boolean, optional?: boolean, os?: string[], cpu?: string[], libc?: string[] }} Package
 * @param {string} lockText
 * @returns {Record<string, Package>}
 */
function packagesOf(lockText) {
  return JSON.parse(lockText).packages ?? {};
}

/**
 * Whether npm installs an optional package on this system for certain; of those for one C library it installs the one that fits.
 * @param {Package} wanted
 */
function isMadeForHere({ os, cpu, libc }) {
  return (
    os?.includes(process.platform) === true && cpu?.includes(process.arch) === true && libc === undefined
  );
}
