/** How the script that the setup was for is started, and how signals reach it. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import process from 'node:process';
import { npmCommand } from './run.mjs';
import { SetupError } from './setup-error.mjs';

/**
 * Runs an npm script with our own input and output. Signals are passed on, and we end only after it has ended: Ctrl-C must not
 * give the terminal back while the program still shuts down.
 * @param {string} root
 * @param {string} script
 * @param {readonly string[]} rest
 * @returns {Promise<number>} its exit code
 */
export function runNpmScript(root, script, rest) {
  const [program = 'npm', ...first] = npmCommand();
  const args = [...first, 'run', '-s', script, ...(rest.length > 0 ? ['--', ...rest] : [])];
  return new Promise((settle, fail) => {
    const child = spawn(program, args, { cwd: root, stdio: 'inherit' });
    /** @type {readonly NodeJS.Signals[]} */
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    const passOn = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
    for (const signal of signals) process.on(signal, passOn);
    child.on('error', (error) => {
      fail(new SetupError(`npm could not be started: ${error.message}`, 'see that `npm --version` works'));
    });
    child.on('exit', (code, signal) => {
      for (const name of signals) process.off(name, passOn);
      // The shell's convention for a program that a signal ended.
      settle(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
