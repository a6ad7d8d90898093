/** At which moments is the kernel killed? Every named point equally often, the rest at random, in a random order. */
import { failpoints, type Failpoint } from '../../src/runtime/failpoint.ts';
import type { Random } from './random.ts';

export type Kill =
  /** `afterMs` of real time behind the start of the process: some fall into the boot. */
  | { readonly kind: 'random'; readonly afterMs: number }
  /** At the `passage`-th time that the point is passed. */
  | { readonly kind: Failpoint; readonly passage: number };

export interface KillPlan {
  readonly random: number;
  readonly perFailpoint: number;
}

/** Passages up to which a point is armed: reached within a second or two of load, most of them after the boot. */
const passages: Readonly<Record<Failpoint, number>> = {
  'log-before-commit': 90,
  'log-after-commit': 90,
  'effects-before-commit': 160,
  'effects-after-commit': 160,
  'group-between-units': 500,
  'lane-between-batches': 500,
  'migration-before-commit': 3,
  'migration-after-commit': 3,
};

export function planKills({ random: atRandom, perFailpoint }: KillPlan, random: Random): Kill[] {
  const named = failpoints.flatMap((kind) =>
    Array.from({ length: perFailpoint }, (): Kill => ({ kind, passage: random.whole(1, passages[kind]) })),
  );
  const others = Array.from({ length: atRandom }, (): Kill => ({
    kind: 'random',
    afterMs: random.whole(200, 2600),
  }));
  return random.shuffled([...named, ...others]);
}

export function isMigration(kind: Kill['kind']): boolean {
  return kind.startsWith('migration-');
}
