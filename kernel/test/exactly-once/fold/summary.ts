/** What does the fold say of itself? How much it compared. */

export interface FoldSummary {
  /** Rows of the log. */
  readonly records: number;
  /** Rows of plugins' tables. */
  readonly rows: number;
  readonly events: number;
  readonly stateKeys: number;
  readonly parked: number;
  readonly differences: number;
}
