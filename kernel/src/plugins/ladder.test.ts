import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Budgets, PluginWindow } from './budgets.ts';
import { calmToRecover, goodStanding, judge, type Standing, type Step } from './ladder.ts';

const budgets: Budgets = { blockMs: 250, busyPercent: 50, callMs: 5_000, errorPercent: 50, restarts: 2 };

const good: PluginWindow = {
  ms: 10_000,
  tier: 'inline',
  calls: 100,
  errors: 0,
  blockMs: 1,
  busyMs: 10,
  slowCallMs: 5,
  restarts: 0,
};
const blocking = { ...good, blockMs: 400 };

const times = (count: number, window: PluginWindow) => Array.from({ length: count }, () => window);

/** The steps that a plugin takes through these windows, in the tier that its last move took it to. */
function climb(
  windows: readonly PluginWindow[],
  canMove = true,
  from: PluginWindow['tier'] = 'inline',
): (Step | null)[] {
  let standing: Standing = goodStanding;
  let tier = from;
  return windows.map((window) => {
    const verdict = judge(standing, { ...window, tier }, budgets, canMove);
    ({ standing } = verdict);
    if (verdict.step === 'worker' || verdict.step === 'process') tier = verdict.step;
    return verdict.step;
  });
}

test('a plugin that goes on blocking is warned, slowed down, then moved to a thread, where it can block nobody', () => {
  expect(climb([blocking, blocking, blocking, blocking, blocking])).toEqual([
    'warn',
    'shed',
    'worker',
    null,
    null,
  ]);
});

test('a plugin whose isolate ends again and again comes into a process of its own, and is stopped in the end', () => {
  const ending = { ...good, restarts: 3 };
  expect(climb(times(5, ending), true, 'worker')).toEqual(['warn', 'shed', 'process', 'shed', 'quarantine']);
});

test.for([
  ['slow calls', { ...good, slowCallMs: 9_000 }],
  ['errors', { ...good, errors: 80 }],
] as const)('%s slow a plugin down, and no more: they harm nobody else', ([, window]) => {
  expect(climb(times(6, window))).toEqual(['warn', 'shed', null, null, null, null]);
});

test('a plugin that cannot be moved is slowed down and left where it is', () => {
  expect(climb(times(4, blocking), false)).toEqual(['warn', 'shed', null, null]);
});

test('the reason names what was measured, the limit and the window; the worst comes first', () => {
  const { breach } = judge(goodStanding, { ...blocking, busyMs: 9_900 }, budgets, true);
  expect(breach).toEqual({ measure: 'busyPercent', measured: 99, limit: 50, windowMs: 10_000 });
});

test('a few failing calls are no share', () => {
  expect(climb([{ ...good, calls: 4, errors: 4 }])).toEqual([null]);
});

test('a budget of 0 is off', () => {
  expect(judge(goodStanding, blocking, { ...budgets, blockMs: 0 }, true).step).toBeNull();
});

describe('whatever the windows say', () => {
  const amount = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 10_000, noNaN: true }));
  const windows = fc.array(
    fc.record({
      ms: fc.constant(10_000),
      tier: fc.constant<PluginWindow['tier']>('inline'),
      calls: fc.nat(200),
      errors: fc.nat(200),
      blockMs: amount,
      busyMs: amount,
      slowCallMs: amount,
      restarts: fc.nat(6),
    }),
    { maxLength: 40 },
  );
  const start = fc.constantFrom<PluginWindow['tier'][]>('inline', 'worker', 'process');

  const next = { inline: 'worker', worker: 'process', process: 'quarantine' } as const;

  test('no step is left out: it is warned and slowed down before each move, and stopped only from a process of its own', () => {
    fc.assert(
      fc.property(windows, fc.boolean(), start, (list, canMove, from) => {
        let tier = from;
        let standing = goodStanding;
        const skipped: unknown[] = [];
        for (const window of list) {
          const { step, standing: after } = judge(standing, { ...window, tier }, budgets, canMove);
          const isMove = step === 'worker' || step === 'process' || step === 'quarantine';
          if (step === 'shed' && standing.level !== 'warned') skipped.push(step);
          if (isMove && !(standing.level === 'shed' && canMove && step === next[tier])) skipped.push(step);
          if (step === 'worker' || step === 'process') tier = step;
          standing = after;
        }
        expect(skipped).toEqual([]);
      }),
    );
  });

  test('every step has a breach of a budget as its reason, and no breach means no step', () => {
    fc.assert(
      fc.property(windows, (list) => {
        let standing = goodStanding;
        const unfounded: unknown[] = [];
        for (const window of list) {
          const verdict = judge(standing, window, budgets, true);
          const { step, breach } = verdict;
          const isFounded = breach !== null && breach.measured > breach.limit;
          if ((step !== null) !== isFounded) unfounded.push(verdict);
          ({ standing } = verdict);
        }
        expect(unfounded).toEqual([]);
      }),
    );
  });

  test('after enough good windows it is in good standing, wherever it stood', () => {
    fc.assert(
      fc.property(windows, (list) => {
        let standing = goodStanding;
        for (const window of list) ({ standing } = judge(standing, window, budgets, true));
        for (let count = 0; count < calmToRecover; count += 1)
          ({ standing } = judge(standing, good, budgets, true));
        expect(standing).toEqual(goodStanding);
      }),
    );
  });
});
