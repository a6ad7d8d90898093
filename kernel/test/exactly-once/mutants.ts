/** Which wrong kernels must the proof find? One for each way to lose what it promises. */
import type { Failpoint } from '../../src/runtime/failpoint.ts';
import type { Change } from './kernel-copy.ts';
import type { ProofReport } from './run-proof.ts';

export type Symptom = 'effects lost' | 'effects doubled' | 'acknowledged batches lost';

export interface Mutant {
  readonly name: string;
  readonly what: string;
  readonly changes: readonly Change[];
  /** Where a kill shows it. */
  readonly killedAt: Failpoint;
  /** What the proof must find, among other things. */
  readonly symptom: Symptom;
}

const cursorInsert = `INSERT INTO lanes (consumer_id, lane, seq, tick) VALUES (?, ?, ?, ?)
           ON CONFLICT (consumer_id, lane) DO UPDATE SET seq = excluded.seq, tick = excluded.tick`;

export const mutants: readonly Mutant[] = [
  {
    name: 'cursor-apart',
    what: 'the cursor is committed outside of the transaction of the effects, before it',
    changes: [
      {
        file: 'src/store/group.ts',
        find: `base.db.exec('BEGIN IMMEDIATE');`,
        replace: `for (const { unit } of request.units) {
    const last = unit.kind === 'lane' ? unit.steps.at(-1) : undefined;
    if (unit.kind === 'lane' && last !== undefined)
      base.sql(\`${cursorInsert}\`).run(unit.consumerId, unit.lane, last.seq, last.tick);
  }
  base.db.exec('BEGIN IMMEDIATE');`,
      },
      {
        file: 'src/store/lanes.ts',
        find: `  if (!isCurrent(ctx, unit)) return { applied: 0, fenced: true };\n`,
        replace: '',
      },
    ],
    killedAt: 'effects-before-commit',
    symptom: 'effects lost',
  },
  {
    name: 'effects-first',
    what: 'the effects are committed in a transaction of their own, before that of the cursor',
    changes: [
      {
        file: 'src/store/lanes.ts',
        find: `      writeState(ctx, unit, state);\n      ctx\n`,
        replace: `      writeState(ctx, unit, state);\n      laterCursors.push(() => ctx\n`,
      },
      {
        file: 'src/store/lanes.ts',
        find: `        .run(unit.consumerId, unit.lane, last.seq, last.tick);\n`,
        replace: `        .run(unit.consumerId, unit.lane, last.seq, last.tick));\n`,
      },
      {
        file: 'src/store/lanes.ts',
        find: `function isCurrent(`,
        replace: `export const laterCursors: (() => unknown)[] = [];\n\nfunction isCurrent(`,
      },
      {
        file: 'src/store/group.ts',
        find: `import { applyLane } from './lanes.ts';\n`,
        replace: `import { applyLane, laterCursors } from './lanes.ts';\n`,
      },
      {
        file: 'src/store/group.ts',
        find: `failpoint('effects-after-commit');`,
        replace: `{ failpoint('effects-after-commit'); for (const write of laterCursors.splice(0)) write(); }`,
      },
    ],
    killedAt: 'effects-after-commit',
    symptom: 'effects doubled',
  },
  {
    name: 'answer-first',
    what: 'a batch is answered before the commit that holds it',
    changes: [
      {
        file: 'src/store/committer.ts',
        find: `      queue.push({ unit, received: logTime, attachment, resolve, reject });\n`,
        replace: `      queue.push({ unit, received: logTime, attachment, resolve, reject });
      if (unit.kind === 'batch') resolve({ seq: 0 } as never);\n`,
      },
    ],
    killedAt: 'log-before-commit',
    symptom: 'acknowledged batches lost',
  },
];

/** Not killed: no end of a process shows it, only the trace of its calls. */
export const unsynced: Pick<Mutant, 'name' | 'what' | 'changes'> = {
  name: 'unsynced',
  what: 'a commit returns before the write-ahead log is on the disk',
  changes: [
    {
      file: 'src/store/database.ts',
      find: `db.pragma('synchronous = FULL')`,
      replace: `db.pragma('synchronous = NORMAL')`,
    },
  ],
};

/** What is wrong with a kernel, by what its proof found. */
export function symptomsOf({ problems, fold }: Pick<ProofReport, 'problems' | 'fold'>): Symptom[] {
  const symptoms: Symptom[] = [];
  const comparisons = fold?.comparisons ?? [];
  if (comparisons.some(({ expected, actual }) => actual < expected)) symptoms.push('effects lost');
  if (comparisons.some(({ expected, actual }) => actual > expected)) symptoms.push('effects doubled');
  if (problems.some((problem) => problem.endsWith('acknowledged, but not in the log')))
    symptoms.push('acknowledged batches lost');
  return symptoms;
}
