/** How the script that the setup was for is started, and how signals reach it. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants as system } from 'node:os';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { passSignalsOn } from './pass-signals.mjs';
import { findProgram, npmCommand } from './run.mjs';
import { SetupError } from './setup-error.mjs';

/** @typedef {{ command: readonly string[], isDirect: boolean }} Start */

/**
 * Runs an npm script with our own input and output; we end only after it has ended, with its exit code.
 * @param {string} root
 * @param {string} script
 * @param {readonly string[]} rest
 * @returns {Promise<number>}
 */
export async function runNpmScript(root, script, rest) {
  const env = {
    ...process.env,
    PATH: [join(root, 'node_modules', '.bin'), process.env['PATH']].join(delimiter),
  };
  const { command, isDirect } = planStart(root, script, rest);
  const [program = '', ...args] = command;
  // In a group of its own: Ctrl-C reaches only us, and so the script gets it once, and what the script started gets it from there.
  const detached = process.platform !== 'win32';
  const child = spawn(program, args, { cwd: root, env, stdio: 'inherit', detached });
  const send = (/** @type {NodeJS.Signals} */ signal) => sendTo(child, isDirect || !detached, signal);
  const signals = passSignalsOn(send);
  try {
    const code = await new Promise((settle, fail) => {
      child.on('error', fail);
      // 128 + n is the shell's convention for a program that a signal ended.
      child.on('exit', (exit, signal) =>
        settle(exit ?? 128 + (signal === null ? 0 : system.signals[signal])),
      );
    });
    // Once told to end, npm ends before what it has started.
    if (signals.wasTold() && !isDirect && detached && child.pid !== undefined) await groupEnds(child.pid);
    return code;
  } catch (error) {
    throw new SetupError(
      `${program} could not be started: ${String(error)}`,
      'see that `npm --version` works',
    );
  } finally {
    signals.stop();
  }
}

/**
 * A script that is one plain command is started directly: npm and the shell between would stay in memory, and end before the
 * command when they are told to end. All others go through npm.
 * @param {string} root
 * @param {string} script
 * @param {readonly string[]} rest
 * @returns {Start}
 */
function planStart(root, script, rest) {
  /** @type {Record<string, string>} */
  const scripts = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts ?? {};
  const text = scripts[script];
  if (text === undefined)
    throw new SetupError(
      `package.json has no script ${script}`,
      `one of these: ${Object.keys(scripts).join(', ')}`,
    );
  const hasHooks = `pre${script}` in scripts || `post${script}` in scripts;
  const words = text.split(' ');
  if (words[0] === 'node' && /^[\w./:@ -]+$/.test(text) && !hasHooks && process.platform !== 'win32') {
    const own = join(root, 'node_modules', '.bin', 'node');
    return {
      command: [findProgram(own, root) ?? process.execPath, ...words.slice(1), ...rest],
      isDirect: true,
    };
  }
  const more = rest.length > 0 ? ['--', ...rest] : [];
  return { command: [...npmCommand(), 'run', '-s', script, ...more], isDirect: false };
}

/**
 * A shell does not pass on what it gets, so that all between npm and the command have to get it.
 * @param {import('node:child_process').ChildProcess} child
 * @param {boolean} onlyChild
 * @param {NodeJS.Signals} signal
 */
function sendTo(child, onlyChild, signal) {
  if (onlyChild) child.kill(signal);
  else if (child.pid !== undefined) kill(-child.pid, signal);
}

/**
 * Resolves when no process of a group is left.
 * @param {number} group
 * @returns {Promise<void>}
 */
function groupEnds(group) {
  return new Promise((settle) => {
    const look = () => (kill(-group, 0) ? setTimeout(look, 50) : settle());
    look();
  });
}

/**
 * @param {number} id of a process, or of a group when it is negative
 * @param {NodeJS.Signals | 0} signal
 * @returns {boolean} whether there is such a process
 */
function kill(id, signal) {
  try {
    return process.kill(id, signal);
  } catch {
    return false;
  }
}
