/** Is each fault of a plugin found by the case of the conformance suite that is made for it, and is a sound plugin let through? */
import { definePlugin } from '@heldar/plugin-sdk';
import { expect, test } from 'vitest';
import { conformanceCases, runCases } from '../src/testing/index.ts';
import { createSubject } from '../src/testing/conformance/subject.ts';
import { mutant, type Fault } from './fixtures/plugins/mutant/index.ts';
import steady from './fixtures/plugins/steady/index.ts';

const limitMs = 120_000;

test('a sound plugin reaches gold', { timeout: limitMs }, async () => {
  const { tier, results } = await runCases(conformanceCases(mutant('none'), { crashes: 4 }));
  expect(results.filter(({ error }) => error !== null)).toEqual([]);
  expect(tier).toBe('gold');
});

const found: readonly [fault: Fault, caseName: RegExp, told: RegExp][] = [
  ['options that are no JSON', /its manifest/, /not JSON once its schema has read them/],
  ['a missing option that is not named', /its manifest/, /no option is named: .*incomplete/],
  ['a batch that is too much', /without a fault/, /too much at .*mutant\/index\.ts:\d+:\d+/],
  [
    'a timer that goes on',
    /leaves nothing running/,
    /a timer that setup started at .*mutant\/index\.ts:\d+:\d+ goes on/,
  ],
  ['a server that is not closed', /leaves nothing running/, /a server that setup started goes on/],
  ['a table of the kernel', /does not declare/, /fx\.write was refused: mutant: it .*delete from log/],
  ['an event that is not declared', /does not declare/, /counter s\d+: fx\.emit was refused: .*'shouted'/],
  ['a capability that is not declared', /does not declare/, /ctx\.cameras was refused: .*'cameras:read'/],
  ['state in the module', /the same log/, /on another day/],
  ['random ids', /the same log/, /ids from fx\.id/],
  ['the clock of the machine', /the same log/, /time from fx\.now/],
  ['state in a variable', /after a restart/, /fx\.state or its tables/],
  ['state in a variable', /comes twice/, /into fx\.state, not into variables/],
  ['state in a variable', /a batch that fails/, /left traces/],
  ['state in a variable', /is swapped/, /swapped \d+ times/],
  ['state in a variable', /is killed/, /killed \d+ times/],
  ['frames in order', /out of the order/, /a frame from the past/],
  ['a query past the lane', /store is slow/, /read with fx\.read/],
  ['an effect after the call', /calls have ended/, /fx\.emit came too late/],
  ['the context after dispose', /calls have ended/, /used ctx\.db after it was disposed/],
];

for (const [fault, caseName, told] of found)
  test(`${fault}: found by ${caseName.source}`, { timeout: limitMs }, async () => {
    const made = conformanceCases(mutant(fault), { crashes: 4 }).find(({ name }) => caseName.test(name));
    await expect(made?.run()).rejects.toThrow(told);
  });

test('there is a fault for each case', () => {
  const untried = conformanceCases(mutant('none'))
    .map(({ name }) => name)
    .filter((name) => !/migrations/.test(name) && !found.some(([, caseName]) => caseName.test(name)));
  expect(untried).toEqual([]);
});

test('the points at which a plugin is killed lie before, in and behind its calls, and behind the sending of effects', async () => {
  const points = await createSubject(mutant('none'), {}).points();
  for (const kind of [/before the call$/, /, await \d+$/, /after the call$/, /effects sent$/])
    expect(points.filter((point) => kind.test(point)).length, kind.source).toBeGreaterThan(5);
});

test('a plugin with a migration that has no way back stays below gold', { timeout: limitMs }, async () => {
  const cases = conformanceCases(steady).filter(({ name }) => /migrations/.test(name));
  await expect(cases[0]?.run()).rejects.toThrow(/0001_seen\.sql has no way back; write 0001_seen\.down\.sql/);
});

test('a plugin on which the traffic has no effect is not taken for a sound one', async () => {
  const batches = [{ camera: 'gate', taskType: 'faces', detections: [], frameId: 'f1' }];
  const [, second] = conformanceCases(mutant('one task type'), { batches });
  await expect(second?.run()).rejects.toThrow(/had no effect, so that there is nothing to compare; give/);
});

test('a plugin without a package of its own is told to get one', async () => {
  const homeless = definePlugin({ name: 'homeless', setup: (_ctx) => ({}) });
  const { tier, results } = await runCases(conformanceCases(homeless, { tier: 'bronze' }));
  expect(tier).toBeNull();
  const [first] = results.filter(({ error }) => error !== null);
  expect(String(first?.error)).toMatch(/write "heldar": \{ "name": "homeless" \}/);
});

test('batches without frame ids are refused: after a crash they are posted again', async () => {
  const batches = [{ camera: 'gate', taskType: 'people', detections: [] }];
  const [, second] = conformanceCases(mutant('none'), { batches });
  await expect(second?.run()).rejects.toThrow(/needs a frame id of its own/);
});
