/** What the setup did last, so that it needs not be done again: node_modules/.heldar-setup.json. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

/**
 * @typedef {object} Stamp
 * @property {string} [packages] what `node_modules` was installed from
 * @property {string} [build] what was built
 */

/**
 * It lies in `node_modules`, so that whoever deletes that folder deletes it too.
 * @param {string} root
 */
const fileOf = (root) => join(root, 'node_modules', '.heldar-setup.json');

/**
 * @param {string} root
 * @returns {Stamp}
 */
export function readStamp(root) {
  try {
    const stamp = JSON.parse(readFileSync(fileOf(root), 'utf8'));
    return typeof stamp === 'object' && stamp !== null ? stamp : {};
  } catch {
    return {}; // none, or half written: everything is looked at again
  }
}

/**
 * @param {string} root
 * @param {Stamp} changes
 */
export function writeStamp(root, changes) {
  const file = fileOf(root);
  const temporary = `${file}.${process.pid}`;
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  writeFileSync(temporary, `${JSON.stringify({ ...readStamp(root), ...changes }, null, 2)}\n`);
  renameSync(temporary, file);
}

/**
 * @param {readonly (string | Buffer)[]} parts
 * @returns {string} one hash over all parts, each with its length
 */
export function hashOf(parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex');
}
