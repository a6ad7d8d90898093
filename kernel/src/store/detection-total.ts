/** How many detections does the log hold? A running total: each row is counted once, however often somebody asks. */
import type { SqliteDatabase } from './database.ts';

export interface DetectionTotal {
  /** Detections of cameras that exist; null while older rows are still being counted. Never blocks for long. */
  read(): Promise<number | null>;
}

/** Rows counted in one go, between which other work gets its turn. */
const rowsPerStep = 2000;
/** A call gives up behind this many steps; the next one goes on from there. */
const stepsPerRead = 100;

interface Step {
  readonly from: number;
  readonly to: number;
  /** Incarnation → detections. */
  readonly counts: ReadonlyMap<number, number>;
}

/**
 * Counts in steps of consecutive sequences. Retention deletes from the old end, so whole steps fall away and at most one is
 * counted again; new rows are counted as they come.
 */
export function createDetectionTotal(db: SqliteDatabase): DetectionTotal {
  const bounds = db.prepare('SELECT min(seq) AS first, coalesce(max(seq), 0) AS last FROM log');
  const count = db.prepare(
    `SELECT incarnation, sum(n) AS n FROM log WHERE seq BETWEEN ? AND ? AND incarnation IS NOT NULL AND n > 0 GROUP BY incarnation`,
  );
  const live = db.prepare('SELECT incarnation FROM cameras').pluck();
  const totals = new Map<number, number>();
  let steps: Step[] = [];
  let counted = 0;

  const add = (counts: ReadonlyMap<number, number>, sign: 1 | -1) => {
    for (const [incarnation, n] of counts) totals.set(incarnation, (totals.get(incarnation) ?? 0) + sign * n);
  };
  const countStep = (from: number, to: number): Step => {
    const rows = count.all(from, to) as { incarnation: number; n: number }[];
    const step = { from, to, counts: new Map(rows.map((row) => [row.incarnation, row.n])) };
    add(step.counts, 1);
    return step;
  };
  /** Forgets what retention deleted. */
  const trim = (first: number) => {
    const kept: Step[] = [];
    for (const step of steps) {
      if (step.from >= first) kept.push(step);
      else {
        add(step.counts, -1);
        if (step.to >= first) kept.push(countStep(first, step.to));
      }
    }
    steps = kept;
  };

  const catchUp = async (): Promise<boolean> => {
    const { first: oldest, last } = bounds.get() as { first: number | null; last: number };
    const first = oldest ?? counted + 1;
    if (first > (steps[0]?.from ?? 0)) trim(first);
    counted = Math.max(counted, first - 1);
    for (let step = 0; counted < last && step < stepsPerRead; step += 1) {
      const to = Math.min(last, counted + rowsPerStep);
      steps.push(countStep(counted + 1, to));
      counted = to;
      await new Promise((resolve) => setImmediate(resolve));
    }
    return counted >= last;
  };

  let running: Promise<boolean> | null = null;
  return {
    async read() {
      running ??= catchUp().finally(() => (running = null));
      if (!(await running)) return null;
      let sum = 0;
      for (const incarnation of live.all() as number[]) sum += totals.get(incarnation) ?? 0;
      return sum;
    },
  };
}
