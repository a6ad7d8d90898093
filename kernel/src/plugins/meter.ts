/** How much does each plugin take? Counted where its code is called: the time it holds the event loop, how long its calls go on, what fails. */
import type { Watch } from '../runtime/watchdog.ts';
import type { PluginWindow } from './budgets.ts';

export interface Meter {
  /** The same watch, with what it hears counted. */
  around(watch: Watch): Watch;
  failed(plugin: string): void;
  /** What was seen since it was taken last; counting starts afresh. */
  take(plugin: string): Omit<PluginWindow, 'ms' | 'tier' | 'restarts'> & { readonly meanCallMs: number };
}

interface Tally {
  calls: number;
  errors: number;
  busyMs: number;
  longestMs: number;
  secondLongestMs: number;
  /** Of calls that await; at most so many, the later ones in place of earlier. */
  took: number[];
  tookTotal: number;
  tookCount: number;
}

const samplesKept = 512;
/** A start may take its time. */
const ofStart = / (?:setup|import)$/;

export function createMeter(now: () => number = () => performance.now()): Meter {
  const tallies = new Map<string, Tally>();
  const byLabel = new Map<string, Tally | null>();
  /** Time of plugins' calls within the one that runs. */
  let within = 0;

  const tallyOf = (plugin: string): Tally => {
    let tally = tallies.get(plugin);
    if (tally === undefined) tallies.set(plugin, (tally = emptyTally()));
    return tally;
  };
  const tallyOfLabel = (label: string): Tally | null => {
    let tally = byLabel.get(label);
    if (tally === undefined) {
      tally = ofStart.test(label) ? null : tallyOf(/^[a-z0-9-]*/.exec(label)?.[0] ?? label);
      byLabel.set(label, tally);
    }
    return tally;
  };

  return {
    around: (watch) => ({
      ...watch,
      enter(label) {
        const leave = watch.enter(label);
        const tally = tallyOfLabel(label);
        const before = within;
        within = 0;
        const begun = now();
        return () => {
          const took = now() - begun;
          leave();
          const own = took - within;
          within = before + took;
          if (tally === null) return;
          tally.calls += 1;
          tally.busyMs += own;
          if (own > tally.longestMs) {
            tally.secondLongestMs = tally.longestMs;
            tally.longestMs = own;
          } else if (own > tally.secondLongestMs) tally.secondLongestMs = own;
        };
      },
      took(label, ms) {
        watch.took(label, ms);
        const tally = tallyOfLabel(label);
        if (tally === null) return;
        tally.took[tally.tookCount % samplesKept] = ms;
        tally.tookCount += 1;
        tally.tookTotal += ms;
      },
    }),
    failed: (plugin) => void (tallyOf(plugin).errors += 1),
    take(plugin) {
      const tally = tallyOf(plugin);
      const { calls, errors, busyMs, secondLongestMs: blockMs, took, tookCount, tookTotal } = tally;
      Object.assign(tally, emptyTally());
      const slowCallMs = took.toSorted((a, b) => a - b)[Math.floor(took.length * 0.95)] ?? 0;
      const meanCallMs = tookCount > 0 ? tookTotal / tookCount : calls > 0 ? busyMs / calls : 0;
      return { calls, errors, busyMs, blockMs, slowCallMs, meanCallMs };
    },
  };
}

function emptyTally(): Tally {
  return {
    calls: 0,
    errors: 0,
    busyMs: 0,
    longestMs: 0,
    secondLongestMs: 0,
    took: [],
    tookTotal: 0,
    tookCount: 0,
  };
}
