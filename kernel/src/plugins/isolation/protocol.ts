/** What do the kernel and a plugin's isolate say to each other? All of it is data that structured cloning takes. */
import type { AuditNote, CameraInfo, Isolation, PluginCapability, Principal, Tick } from '@heldar/plugin-sdk';
import type { NewEvent, NewEvidence, NewRecord, PluginWrite } from '../../store/units.ts';
import type { Manifest } from '../manifest.ts';
import type { OptionProblem } from '../options.ts';
import type { PluginLimits } from '../limits.ts';
import type { WireScope } from './wire-scope.ts';
import type { WireOutcome, WireSchema } from './wire-schema.ts';

/** Requests that the isolate serves: what is sent, what is answered. */
export interface IsolateOperations {
  load: [LoadRequest, PluginDescription];
  checkOptions: [unknown, { readonly options: unknown } | { readonly problems: readonly OptionProblem[] }];
  setup: [SetupRequest, ContributionsDescription];
  consume: [ConsumeRequest, ConsumeReply];
  validate: [ValidateRequest, ValidateReply];
  route: [RouteCall, RouteReply];
  handler: [HandlerCall, TxReply];
  job: [JobCall, TxReply];
  service: [{ readonly name: string; readonly args: readonly unknown[] }, unknown];
  health: [null, unknown];
  dispose: [null, null];
}

/** Requests that the kernel serves. */
export interface KernelOperations {
  /** Answers once all earlier effects of the lane of this call are committed. */
  settled: [{ readonly call: number }, null];
  service: [{ readonly plugin: string; readonly name: string; readonly args: readonly unknown[] }, unknown];
}

/** What the isolate tells without waiting for an answer. */
export interface IsolateNotes {
  beat: Beat;
  log: LogNote;
  fault: WireFault;
}

export interface KernelNotes {
  cameras: readonly CameraInfo[];
  /** This generation is being disposed: aborts `ctx.signal`. */
  abort: string;
}

export interface Beat {
  /** Heap and buffers of the isolate, bytes. */
  readonly memoryBytes: number;
}

export interface LogNote {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly data: object | null;
  readonly message: string;
}

/** An error that nobody in the isolate caught. */
export interface WireFault {
  readonly error: unknown;
}

export interface LoadRequest {
  /** The plugin's module. */
  readonly file: string;
  readonly specifier: string | null;
  readonly manifest: Manifest;
}

/** What a definition says, without its functions. */
export interface PluginDescription {
  readonly name: string;
  readonly config: WireSchema | null;
  /** Task types; their schemas are asked in the isolate. */
  readonly consumes: '*' | readonly string[];
  readonly emits: Readonly<Record<string, WireSchema>>;
  readonly records: Readonly<Record<string, WireSchema>>;
  readonly capabilities: readonly PluginCapability[];
  readonly migrations: string | null;
  readonly isolation: Isolation;
}

export interface SetupRequest {
  /** Options as the composition gives them. */
  readonly options: unknown;
  readonly folder: string | null;
  readonly storeId: string;
  /** For a connection of its own that can't write; null where reads go by message. */
  readonly databaseFile: string | null;
  readonly cameras: readonly CameraInfo[];
  readonly limits: PluginLimits;
}

export interface ContributionsDescription {
  readonly consumers: readonly ConsumerDescription[];
  readonly routes: readonly RouteDescription[];
  readonly handlers: readonly { readonly name: string; readonly types: readonly string[] | '*' }[];
  readonly jobs: readonly { readonly name: string; readonly schedule: string }[];
  readonly services: readonly string[];
  readonly health: boolean;
}

export interface ConsumerDescription {
  readonly name: string;
  readonly order?: 'camera' | 'all';
  readonly from?: 'head' | 'start' | number;
  readonly timeoutMs?: number;
  readonly records: readonly string[];
  readonly tick: { readonly every: Tick<unknown>['every']; readonly idle?: 'skip' | 'run' } | null;
}

export type RoutePlace = 'params' | 'query' | 'body';

export interface RouteDescription {
  readonly method: string;
  readonly path: string;
  readonly summary?: string;
  readonly capability: unknown;
  readonly scope: unknown;
  readonly status?: number;
  readonly audit?: unknown;
  readonly params: WireSchema | null;
  readonly query: WireSchema | null;
  readonly body: WireSchema | null;
  readonly output: WireSchema | null;
}

export interface ConsumeRequest {
  /** Names the call while it runs. */
  readonly call: number;
  readonly consumer: string;
  readonly lane: number;
  /** A record of the log as JSON text, or a tick. */
  readonly work: string | { readonly tick: number; readonly cameraId: string | null };
  readonly state: StateReference;
}

/** Which state the call starts from: what the isolate holds under `id` at this revision, or these entries. */
export interface StateReference {
  readonly id: number;
  readonly revision: number;
  readonly entries?: readonly (readonly [string, string])[];
}

export interface ConsumeReply {
  readonly writes?: readonly PluginWrite[];
  readonly events?: readonly NewEvent[];
  readonly evidence?: readonly NewEvidence[];
  readonly state?: readonly (readonly [string, string | null])[];
  readonly skipped?: number;
}

export interface ValidateRequest {
  readonly route: number;
  readonly place: RoutePlace;
  readonly value: unknown;
}

export type ValidateReply = WireOutcome;

export interface RouteCall {
  readonly route: number;
  /** Kernel time, ms: what `tx.now` says. */
  readonly now: number;
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly principal: Principal;
  readonly cameras: WireScope;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

export interface RouteReply extends TxReply {
  readonly answer:
    | { readonly json: string | null }
    | {
        readonly status: number;
        readonly headers: Readonly<Record<string, string>>;
        readonly body: string | Uint8Array | null;
      };
}

export interface HandlerCall {
  readonly handler: number;
  readonly now: number;
  readonly event: object;
}

export interface JobCall {
  readonly job: number;
  readonly now: number;
}

/** What a route, handler or job asked for. */
export interface TxReply {
  readonly writes: readonly PluginWrite[];
  readonly events: readonly NewEvent[];
  readonly records: readonly NewRecord[];
  readonly audit: readonly AuditNote[];
}
