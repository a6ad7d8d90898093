/** What is left of a recording when the camera misbehaves? The whole matrix, repeated, is `npm run proof:recorder-faults`. */
import { describe, expect, test } from 'vitest';
import { cases, observe, type CaseName } from './recorder-faults/cases.ts';
import { problemsOf } from './recorder-faults/demands.ts';

const limitMs = 120_000;
/** One of each kind. */
const quick: readonly CaseName[] = ['frozen', 'off', 'backward', 'recoded', 'mutedG711', 'refusedLogin'];

describe.concurrent('a camera that misbehaves is recorded as far as it can be', () => {
  for (const name of quick)
    test(`${name}: ${cases[name].name}`, { timeout: limitMs }, async () => {
      expect(problemsOf(name, await observe(cases[name]))).toEqual([]);
    });
});
