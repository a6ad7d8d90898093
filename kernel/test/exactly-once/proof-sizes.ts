/** How long does each form of the proof run? */
import type { KillPlan } from './kill-plan.ts';
import type { ProofOptions } from './run-proof.ts';

type Size = Pick<ProofOptions, 'load' | 'behindLastRecordMs' | 'settleMs' | 'keep'>;

const load = { workersPerCamera: 3, restMs: [20, 70] } as const;
/** Zones forget tracks unseen for 120 s: after that their lanes hold no more than the zones, which the fold can tell. */
const untilTracksAreForgotten = { behindLastRecordMs: 122_000, settleMs: 90_000 };

/** For CI. */
export const shortProof: Size & KillPlan = { load, ...untilTracksAreForgotten, random: 4, perFailpoint: 2 };

/** 200 kills. */
export const fullProof: Size & KillPlan = { load, ...untilTracksAreForgotten, random: 104, perFailpoint: 12 };

/** `passages`: one kill each, under load. A mutant may never settle, and leaves nothing worth keeping. */
export const mutantProof: Size & { readonly passages: readonly number[] } = {
  load,
  behindLastRecordMs: 0,
  settleMs: 3_000,
  keep: 'never',
  passages: [40, 60, 80],
};
