/** How the setup runs other programs. */
import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { basename, delimiter, join, resolve } from 'node:path';
import process from 'node:process';

/**
 * @typedef {object} Ending
 * @property {number | null} code null when it could not be started or was ended by a signal
 * @property {string} output what it wrote, when it was captured
 */

/**
 * Runs a program to its end. Its input is closed, so that nothing waits for an answer nobody gives.
 * @param {readonly string[]} command
 * @param {{ cwd?: string, env?: Record<string, string | undefined>, capture?: boolean }} [options]
 * `capture`: its output is returned instead of shown
 * @returns {Promise<Ending>}
 */
export function runToEnd([program = '', ...args], { cwd, env, capture = false } = {}) {
  return new Promise((settle) => {
    const output = capture ? 'pipe' : 'inherit';
    const child = spawn(program, args, {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, ...env },
      stdio: ['ignore', output, output],
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (/** @type {string} */ chunk) => (text += chunk));
    child.on('error', (error) => settle({ code: null, output: `${text}${error.message}` }));
    child.on('close', (code) => settle({ code, output: text }));
  });
}

/**
 * The command that starts npm: the one that started us, else that of the PATH.
 * @returns {readonly string[]}
 */
export function npmCommand() {
  const running = process.env['npm_execpath'];
  if (running !== undefined && /^npm(?:-cli)?\.c?js$/.test(basename(running)))
    return [process.execPath, running];
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
}

/**
 * Finds a program by name on the PATH, or by its path.
 * @param {string} name
 * @param {string} folder that a relative path is relative to
 * @returns {string | null} its absolute path
 */
export function findProgram(name, folder) {
  if (/[/\\]/.test(name)) return isProgram(resolve(folder, name)) ? resolve(folder, name) : null;
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  for (const place of (process.env['PATH'] ?? '').split(delimiter)) {
    if (place === '') continue;
    const found = endings.map((ending) => join(place, name + ending)).find(isProgram);
    if (found !== undefined) return found;
  }
  return null;
}

/** @param {string} file */
function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
