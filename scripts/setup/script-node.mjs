/** Is the Node that npm scripts get new enough for Heldar? */
import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { runToEnd } from './run.mjs';
import { SetupError } from './setup-error.mjs';

/** Older ones cannot run TypeScript, and end without a word when they load the SQLite driver. */
const needed = { major: 22, minor: 18 };

/** @param {string} root */
export async function checkScriptNode(root) {
  const { program, version } = await scriptNode(root);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > needed.major || (major === needed.major && minor >= needed.minor)) return;
  throw new SetupError(
    `Heldar needs Node ${needed.major}.${needed.minor} or newer, and npm scripts would get ${version || 'none that starts'} (${program})`,
    'install Node 24 from https://nodejs.org; npm brings it along on Linux, macOS and Windows unless it is told to leave ' +
      'out optional packages (`npm config get omit`)',
  );
}

/**
 * npm puts `node_modules/.bin` first on the PATH of scripts; the optional packages `node-*` bring a Node there.
 * @param {string} root
 */
async function scriptNode(root) {
  const ending = process.platform === 'win32' ? '.cmd' : '';
  const program = join(root, 'node_modules', '.bin', `node${ending}`);
  if (!existsSync(program)) return { program: process.execPath, version: process.versions.node };
  if (realpathSync(program) === realpathSync(process.execPath))
    return { program, version: process.versions.node };
  const { code, output } = await runToEnd([program, '--version'], { capture: true });
  return { program, version: code === 0 ? output.trim().replace(/^v/, '') : '' };
}
