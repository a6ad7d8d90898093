/** How a step says what it does: one plain line, away from the output of what is started. */
import process from 'node:process';

/** @param {string} text */
export function say(text) {
  process.stderr.write(`setup: ${text}\n`);
}
