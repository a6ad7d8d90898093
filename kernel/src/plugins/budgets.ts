/** What may a plugin take, and what did it take in one window? */
import type { Isolation, PluginBudgets } from '@heldar/plugin-sdk';

/** 0: that budget is off. */
export type Budgets = Required<PluginBudgets>;
export type Measure = keyof Budgets;

/** What was seen of one plugin in one window. */
export interface PluginWindow {
  readonly ms: number;
  readonly tier: Isolation;
  /** Calls of its code that began. */
  readonly calls: number;
  /** Calls that failed. */
  readonly errors: number;
  /** How long calls held the kernel's event loop, ms: the second longest, so that one hiccup of the machine is not the plugin's. */
  readonly blockMs: number;
  /** All that its calls held it, ms. */
  readonly busyMs: number;
  /** 19 of 20 calls of its consumers that await something were as fast, ms. */
  readonly slowCallMs: number;
  /** How often its isolate ended unasked. */
  readonly restarts: number;
}

/** Something of which there was too much. */
export interface Breach {
  readonly measure: Measure;
  readonly measured: number;
  readonly limit: number;
  readonly windowMs: number;
}

/** A share of fewer calls says nothing. */
const callsForShare = 5;

/** What each budget is held against. */
export function measured(window: PluginWindow): Readonly<Record<Measure, number>> {
  const isInline = window.tier === 'inline';
  return {
    blockMs: isInline ? window.blockMs : 0,
    busyPercent: isInline && window.ms > 0 ? (100 * window.busyMs) / window.ms : 0,
    callMs: window.slowCallMs,
    errorPercent: window.calls < callsForShare ? 0 : (100 * window.errors) / window.calls,
    restarts: window.restarts,
  };
}

/** The worst comes first: that which exceeds its limit by the largest factor. */
export function breachesOf(window: PluginWindow, budgets: Budgets): Breach[] {
  const seen = measured(window);
  return (Object.keys(budgets) as Measure[])
    .map((measure) => ({ measure, measured: seen[measure], limit: budgets[measure], windowMs: window.ms }))
    .filter(({ measured: value, limit }) => limit > 0 && value > limit)
    .toSorted((a, b) => b.measured / b.limit - a.measured / a.limit);
}

const texts: Readonly<Record<Measure, (value: number, limit: number) => string>> = {
  blockMs: (value, limit) => `calls held the event loop for ${value} ms each, of at most ${limit} ms`,
  busyPercent: (value, limit) =>
    `its calls held the event loop for ${value} % of the time, of at most ${limit} %`,
  callMs: (value, limit) => `one call in twenty took longer than ${value} ms, of at most ${limit} ms`,
  errorPercent: (value, limit) => `${value} % of its calls failed, of at most ${limit} %`,
  restarts: (value, limit) => `its isolate ended ${value} times, of at most ${limit}`,
};

export function describeBreach({ measure, measured: value, limit, windowMs }: Breach): string {
  return `${texts[measure](Math.round(value), limit)}, within ${Math.round(windowMs / 1000)} s`;
}
