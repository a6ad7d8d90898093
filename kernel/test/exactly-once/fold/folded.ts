/** What must be there, as the naive telling of one plugin says it. */

export type Row = { readonly [column: string]: unknown };

export interface FoldedEvent {
  readonly id: string;
  readonly camera_id: string | null;
  readonly event_type: string;
  readonly severity: string;
  readonly at_ms: number;
  readonly payload: unknown;
  readonly source: string;
}

export interface StateRow extends Row {
  readonly plugin: string;
  readonly consumer: string;
  readonly lane: number;
  readonly key: string;
  /** Parsed. */
  readonly value: unknown;
}

export interface ParkedRow extends Row {
  readonly plugin: string;
  readonly consumer: string;
  readonly lane: number;
  readonly kind: string;
  readonly seq: number;
}

export interface Folded {
  /** Whole tables, by name, in no order. */
  readonly tables: { readonly [table: string]: readonly Row[] };
  /** Columns that hold JSON, or booleans as 0 and 1. */
  readonly json?: readonly string[];
  readonly booleans?: readonly string[];
  /** Events of each lane, in the order in which they must stand in the journal. */
  readonly events?: readonly (readonly FoldedEvent[])[];
  readonly state?: readonly StateRow[];
  /** State that this telling says nothing about. */
  isUntold?(row: StateRow): boolean;
  readonly parked?: readonly ParkedRow[];
}
