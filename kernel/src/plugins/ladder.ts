/** What is to be done about a plugin that takes too much? One step a window, each stronger than the last, and back when it has been good for a while. */
import type { Isolation } from '@heldar/plugin-sdk';
import { breachesOf, type Breach, type Budgets, type Measure, type PluginWindow } from './budgets.ts';
import { strongerThan } from './isolation/tiers.ts';

export type Step = 'warn' | 'shed' | 'worker' | 'process' | 'quarantine';

/** Where a plugin stands between two windows. */
export interface Standing {
  /** `shed`: its lanes are slowed down. */
  readonly level: 'good' | 'warned' | 'shed';
  /** Windows without a breach, one after the other. */
  readonly calm: number;
}

export interface Verdict {
  readonly standing: Standing;
  readonly step: Step | null;
  /** Why; null without a step. */
  readonly breach: Breach | null;
  /** It has been good for long enough: what slowed it down is lifted. */
  readonly recovered: boolean;
}

export const goodStanding: Standing = { level: 'good', calm: 0 };
/** Windows. */
export const calmToRecover = 6;

/** Slow calls and errors harm nobody but the plugin itself: a stronger wall would change nothing. */
const walled: ReadonlySet<Measure> = new Set(['blockMs', 'busyPercent', 'restarts']);

/** `canMove`: its module can be loaded elsewhere. */
export function judge(standing: Standing, window: PluginWindow, budgets: Budgets, canMove: boolean): Verdict {
  const breaches = breachesOf(window, budgets);
  if (breaches.length === 0) return rest(standing);
  // What a wall can hold back decides, when there is such a thing.
  const breach = breaches.find(({ measure }) => walled.has(measure)) ?? breaches[0] ?? null;
  const { level } = standing;
  if (level === 'good') return { ...taken('warn', 'warned'), breach };
  if (level === 'warned') return { ...taken('shed', 'shed'), breach };
  const step = breach !== null && walled.has(breach.measure) ? behindWall(window.tier, canMove) : null;
  // Behind the new wall it is at full speed again, and has had its warning.
  if (step !== null) return { ...taken(step, 'warned'), breach };
  return { standing: { level, calm: 0 }, step: null, breach: null, recovered: false };
}

function taken(step: Step, level: Standing['level']) {
  return { standing: { level, calm: 0 }, step, recovered: false };
}

function rest({ level, calm }: Standing): Verdict {
  const next = calm + 1;
  const recovered = level !== 'good' && next >= calmToRecover;
  return {
    standing: recovered ? goodStanding : { level, calm: level === 'good' ? 0 : next },
    step: null,
    breach: null,
    recovered,
  };
}

/** Out of a process of its own a plugin can only be stopped. One that can't be moved stays where it is, slowed down. */
function behindWall(tier: Isolation, canMove: boolean): 'worker' | 'process' | 'quarantine' | null {
  if (!canMove) return null;
  const stronger = strongerThan(tier);
  return stronger === null || stronger === 'inline' ? 'quarantine' : stronger;
}
