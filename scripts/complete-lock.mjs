/**
 * Adds to package-lock.json what npm left out of it: optional packages for other systems that the registry in use did not have.
 * `npm ci` refuses a lock without them. Run it after `npm install <package>`: node scripts/complete-lock.mjs
 */
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} Entry
 * @property {string} [version]
 * @property {boolean} [dev]
 * @property {boolean} [optional]
 * @property {string[]} [cpu]
 * @property {string[]} [libc]
 * @property {string[]} [os]
 * @property {Record<string, string>} [optionalDependencies]
 */

/**
 * @param {Record<string, Entry>} packages those of a lock
 * @returns {Record<string, Entry>} those that are missing, by their path in the lock
 */
export function findMissing(packages) {
  /** @type {Record<string, Entry>} */
  const missing = {};
  for (const [path, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      if (placesOf(name, path).some((place) => packages[place] !== undefined)) continue;
      const system = systemOf(name);
      // A range would have to be resolved, and an unknown system would be installed everywhere: both are npm's to do.
      if (system === null || !/^\d+\.\d+\.\d+[\w.-]*$/.test(version)) continue;
      const { cpu, libc, os } = system;
      // In npm's order, so that it finds nothing to change.
      const flags = { ...(dev ? { dev } : {}), ...(libc ? { libc } : {}), optional: true };
      missing[`node_modules/${name}`] = { version, cpu, ...flags, os };
    }
  }
  return missing;
}

/**
 * Where npm looks for a package that the package at `path` depends on.
 * @param {string} name
 * @param {string} path
 */
function placesOf(name, path) {
  const folders = path.split(/(?=\/node_modules\/)/);
  const above = folders.map((_, index) => `${folders.slice(0, index + 1).join('')}/node_modules/${name}`);
  return [`node_modules/${name}`, ...above];
}

/** Names by which packages call a system, and npm's names for it. */
const systems = {
  darwin: 'darwin',
  win32: 'win32',
  windows: 'win32',
  linux: 'linux',
  android: 'android',
  freebsd: 'freebsd',
  openharmony: 'openharmony',
};
const processors = {
  arm64: 'arm64',
  x64: 'x64',
  64: 'x64',
  ia32: 'ia32',
  arm: 'arm',
  ppc64: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
};
const libraries = { gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl', musleabihf: 'musl' };

/**
 * The system that a name such as `@scope/binding-linux-arm64-musl` is for.
 * @param {string} name
 * @returns {{ cpu: string[], os: string[], libc?: string[] } | null}
 */
function systemOf(name) {
  const words = name.split(/[/-]/);
  const [os, cpu, libc] = [systems, processors, libraries].map((known) =>
    words
      .map((word) => /** @type {Record<string, string>} */ (known)[word])
      .find((word) => word !== undefined),
  );
  if (os === undefined || cpu === undefined) return null;
  return { cpu: [cpu], ...(os === 'linux' && libc !== undefined ? { libc: [libc] } : {}), os: [os] };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = fileURLToPath(new URL('../package-lock.json', import.meta.url));
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const missing = findMissing(lock.packages);
  const all = Object.entries({ ...lock.packages, ...missing });
  lock.packages = Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  process.stdout.write(`${Object.keys(missing).length} packages added to package-lock.json\n`);
}
