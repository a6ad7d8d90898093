/** What is left of a recording when the camera misbehaves? The whole matrix, repeated, is `npm run proof:recorder-faults`. */
import { describe, expect, test } from 'vitest';
import { cases, observe, type CaseName, type Observation } from './recorder-faults/cases.ts';
import { problemsOf } from './recorder-faults/demands.ts';

const limitMs = 120_000;
/** The others differ from one of these in the codec only. */
const quick: readonly CaseName[] = [
  'dropped',
  'frozen',
  'off',
  'erring',
  'forward',
  'backward',
  'recoded',
  'mutedMidway',
  'neverG711',
  'digest',
  'refusedLogin',
];

async function observed(name: CaseName): Promise<Observation> {
  const observation = await observe(cases[name]);
  expect(problemsOf(name, observation)).toEqual([]);
  return observation;
}

describe.concurrent('a camera that misbehaves is recorded as far as it can be', () => {
  for (const name of quick)
    test(cases[name].name, { timeout: limitMs }, async () => {
      await observed(name);
    });
});
