/** What does the fold say of itself? What it compared, and how much of it differs. */

export interface Comparison {
  /** A table, `events`, `state`, `parked`, `log_labels`, or records of the log. */
  readonly what: string;
  readonly expected: number;
  readonly actual: number;
  /** Distinct rows of which there are too few or too many. */
  readonly differing: number;
}

export interface FoldSummary {
  /** Rows of the log. */
  readonly records: number;
  readonly comparisons: readonly Comparison[];
}

/** Rows compared, of these alone when they are named. */
export function rowsOf({ comparisons }: FoldSummary, only?: readonly string[]): number {
  return comparisons.reduce(
    (sum, { what, actual }) => (only?.includes(what) === false ? sum : sum + actual),
    0,
  );
}

export function mismatchesOf({ comparisons }: FoldSummary): number {
  return comparisons.reduce((sum, { differing }) => sum + differing, 0);
}
