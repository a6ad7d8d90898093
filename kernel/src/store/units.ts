/** What the event loop asks the writer thread to do: plain data, one unit a savepoint, many units a transaction. */
import type { ErrorCode } from '../errors.ts';
import type { ParkedFailure } from './parked.ts';
import type { WriterArgs, WriterName, WriterResult } from './writers.ts';

export type SqlValue = null | number | bigint | string | Uint8Array;

/** A rendered statement of a plugin. */
export interface PluginWrite {
  readonly sql: string;
  readonly params: readonly SqlValue[];
  /** The whole unit is refused as a conflict unless exactly this many rows change. */
  readonly expectChanges?: number;
}

export interface NewEvent {
  /** UUID-shaped, time-ordered. */
  readonly id: string;
  readonly cameraId: string | null;
  readonly siteId: string | null;
  readonly type: string;
  readonly severity: string;
  /** When it happened, ms since the epoch. */
  readonly atMs: number;
  /** JSON text. */
  readonly payload: string;
  /** `kernel`, `worker`, or the plugin's name. */
  readonly source: string;
}

export interface NewRecord {
  readonly type: string;
  /** The camera whose lane it belongs to; null: no single camera. */
  readonly cameraId: string | null;
  /** JSON text. */
  readonly payload: string;
}

export interface NewEvidence {
  /** File name below the snapshots folder. */
  readonly file: string;
  readonly cameraId: string;
  readonly frameId: string | null;
  readonly capturedAt: number;
}

/** What somebody did, for the audit log. */
export interface NewAudit {
  readonly id: string;
  /** Id of the principal. */
  readonly actor: string;
  readonly actorName: string | null;
  readonly role: string | null;
  readonly action: string;
  readonly targetType: string | null;
  readonly targetId: string | null;
  /** The one camera it is about; null: none, or several. */
  readonly cameraId: string | null;
  /** Whence it came; null: from this machine. */
  readonly address: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** An accepted POST of a worker. */
export interface BatchUnit {
  readonly kind: 'batch';
  readonly incarnation: number;
  readonly siteId: string | null;
  readonly taskType: string;
  readonly frameId: string | null;
  readonly atMs: number;
  readonly atNs: number;
  readonly n: number;
  /** JSON text. */
  readonly body: string;
  /** Distinct labels of its detections. */
  readonly labels: readonly string[];
  readonly event: NewEvent | null;
}
export type BatchResult = { readonly seq: number } | { readonly duplicate: true } | { readonly gone: true };

/** What brought effects about: a record of the log, or a tick. */
export interface StepCause {
  readonly kind: 'record' | 'tick';
  /** Sequence of the record, or T (log time, ms). */
  readonly at: number;
}

/** The effects of one record or tick on one lane. */
export interface LaneStep {
  /** Absent: none, the cursor moves on. */
  readonly cause?: StepCause;
  /** The lane's cursor and tick after this step. */
  readonly seq: number;
  readonly tick: number;
  readonly writes: readonly PluginWrite[];
  readonly events: readonly NewEvent[];
  readonly evidence: readonly NewEvidence[];
  /** Keyed state it changed: JSON text, or null for a deletion. */
  readonly state: ReadonlyMap<string, string | null>;
  readonly park?: {
    readonly id: string;
    readonly kind: 'record' | 'tick';
    readonly seq: number;
    readonly body: string;
    readonly error: string;
    readonly attempts: number;
  };
  /** A parked item that failed again; nothing when it is there no more. */
  readonly keepParked?: ParkedFailure;
  /** A parked item processed out of order: its row goes with the effects, and without it the step fails. */
  readonly unpark?: string;
  /** The lane ends here: its camera is gone. */
  readonly dropLane?: true;
}

/** Effects of consecutive records of one lane; applied in order up to the first that fails. */
export interface LaneUnit {
  readonly kind: 'lane';
  readonly plugin: string;
  readonly consumerId: number;
  readonly lane: number;
  /** Nothing is applied unless the consumer's epoch is this one and the lane's cursor stands here. */
  readonly epoch: number;
  readonly fromSeq: number;
  readonly fromTick: number;
  readonly steps: readonly LaneStep[];
}
export interface LaneResult {
  /** How many steps were applied. */
  readonly applied: number;
  readonly fenced?: true;
  readonly error?: string;
}

/** A change by a plugin's route, job or handler. */
export interface ChangeUnit {
  readonly kind: 'change';
  readonly plugin: string;
  readonly writes: readonly PluginWrite[];
  readonly events: readonly NewEvent[];
  readonly records: readonly NewRecord[];
  readonly audit?: readonly NewAudit[];
  /** Refused whole when the camera of a record is gone: of a route, which was let in because the camera existed. */
  readonly camerasMustExist?: true;
  /** A handler's cursor in the journal, fenced like a lane's. */
  readonly cursor?: {
    readonly consumerId: number;
    readonly epoch: number;
    readonly from: number;
    readonly to: number;
  };
  readonly park?: {
    readonly id: string;
    readonly consumerId: number;
    readonly seq: number;
    readonly body: string;
    readonly error: string;
    readonly attempts: number;
  };
  /** A parked item that failed again. Refused as a conflict when it is there no more. */
  readonly keepParked?: ParkedFailure;
  /** A parked item that is done. The whole unit is refused as a conflict when it is there no more. */
  readonly unpark?: string;
}
export type ChangeResult = { readonly ok: true } | { readonly fenced: true };

/** A named write of the kernel's own tables. */
export interface CallUnit<Name extends WriterName = WriterName> {
  readonly kind: 'call';
  readonly name: Name;
  readonly args: WriterArgs<Name>;
  /** Written with it, unless it answers false or null. */
  readonly audit?: NewAudit;
}

export type Unit = BatchUnit | LaneUnit | ChangeUnit | CallUnit;
export type ResultOf<U extends Unit> = U extends BatchUnit
  ? BatchResult
  : U extends LaneUnit
    ? LaneResult
    : U extends ChangeUnit
      ? ChangeResult
      : U extends CallUnit<infer Name>
        ? WriterResult<Name>
        : never;

/** A control record as it stands in the log. */
export interface LoggedRecord {
  readonly seq: number;
  readonly type: string;
  readonly cameraId: string | null;
  readonly incarnation: number | null;
  readonly received: number;
  readonly payload: string;
}

export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
}

export type UnitOutcome =
  { readonly result: unknown; readonly records?: readonly LoggedRecord[] } | { readonly failure: Failure };

export interface GroupRequest {
  readonly id: number;
  readonly units: readonly { readonly unit: Unit; readonly received: number }[];
}

export interface GroupReply {
  readonly id: number;
  readonly outcomes: readonly UnitOutcome[];
  /** Highest sequence of the journal after the commit. */
  readonly journalHead: number;
}
