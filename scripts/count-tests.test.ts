import { expect, test } from 'vitest';
import { countTests } from './count-tests.mjs';

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((each) => ({ status: each })),
});
const results = (numPassedTests: number, numFailedTests: number, ...testResults: object[]) =>
  JSON.stringify({ numPassedTests, numFailedTests, testResults });

test.each([
  ['all passed', results(5, 0, file('passed', 'passed')), 0, { passed: 5, failed: 0, status: 0 }],
  [
    'some failed',
    results(5, 2, file('failed', 'passed', 'failed', 'failed')),
    1,
    { passed: 5, failed: 2, status: 1 },
  ],
  ['a file cannot be loaded', results(5, 0, file('failed')), 1, { passed: 5, failed: 1, status: 1 }],
  [
    'a test and a file',
    results(5, 1, file('failed'), file('failed', 'failed')),
    1,
    { passed: 5, failed: 2, status: 1 },
  ],
  [
    'an error outside of every test',
    results(5, 0, file('passed', 'passed')),
    1,
    { passed: 5, failed: 1, status: 1 },
  ],
  ['a check before the tests failed', null, 2, { passed: 0, failed: 1, status: 2 }],
  ['the results are cut off', '{"numPassed', 134, { passed: 0, failed: 1, status: 134 }],
  ['nothing ran', results(0, 0), 0, { passed: 0, failed: 1, status: 1 }],
  [
    'failures that the exit code hides',
    results(5, 1, file('failed', 'failed')),
    0,
    { passed: 5, failed: 1, status: 1 },
  ],
])('counts when %s', (_, text, status, expected) => {
  expect(countTests(text, status)).toEqual(expected);
});
