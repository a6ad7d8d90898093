/**
 * How many tests passed and failed, as the last line of .ci/run:
 *   node scripts/count-tests.mjs <results of vitest's json reporter> <exit code of the run>
 * Ends with the exit code of the run, and never with 0 when something failed or nothing ran.
 */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/**
 * @param {string | null} results what vitest wrote; null when it wrote nothing, as when a check before it failed
 * @param {number} status
 * @returns {{ passed: number, failed: number, status: number }}
 */
export function countTests(results, status) {
  const { numPassedTests: passed = 0, numFailedTests = 0, testResults = [] } = parse(results);
  // A file that cannot even be loaded has no test that failed.
  const brokenFiles = testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some(isFailure),
  );
  const counted = numFailedTests + brokenFiles.length;
  // Types, lint, format, an error outside of every test, or no test at all.
  const other = counted === 0 && (status !== 0 || passed === 0) ? 1 : 0;
  const failed = counted + other;
  return { passed, failed, status: status === 0 && failed > 0 ? 1 : status };
}

/** @param {{ status: string }} test */
const isFailure = ({ status }) => status === 'failed';

/**
 * @typedef {object} Results
 * @property {number} [numPassedTests]
 * @property {number} [numFailedTests]
 * @property {{ status: string, assertionResults: { status: string }[] }[]} [testResults]
 * @param {string | null} text
 * @returns {Results}
 */
function parse(text) {
  try {
    return JSON.parse(text ?? '{}');
  } catch {
    return {}; // cut off in the middle: no count can be trusted
  }
}

/** @param {string} file */
function readResults(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [file = '', status = '1'] = process.argv.slice(2);
  const count = countTests(readResults(file), Number(status));
  process.stdout.write(`${count.passed} passed, ${count.failed} failed\n`);
  process.exitCode = count.status;
}
