/** What does the author of an AI worker write, and what is handed to it? */
import type { Logger } from '../plugin-context.ts';
import type { JsonObject } from '../schema.ts';
import type { WorkerClock } from './clock.ts';

/** One enabled AI task of an enabled camera, as discovery lists it. */
export interface WorkerTask {
  readonly id: string;
  readonly cameraId: string;
  readonly taskType: string;
  readonly streamProfile: string;
  /** Frames a second that the task asks for. */
  readonly fps: number;
  /** Width of the frames in pixels that the task asks for. */
  readonly width: number;
  readonly config: JsonObject;
  /** Root-relative. */
  readonly frameUrl: string;
}

/** One frame that this loop has not analysed before and that is not too old. */
export interface Frame {
  readonly jpeg: Uint8Array;
  /** RFC 3339 as the server gave it, an opaque change token; empty when the server does not know. */
  readonly capturedAt: string;
  /** Age when the server handed it out; null when the server did not say. */
  readonly ageMs: number | null;
  readonly task: WorkerTask;
  /** Aborted when the task stops; an analysis that goes on is waited for shortly, then its result is dropped. */
  readonly signal: AbortSignal;
}

/** One object in the frame, in the wire's own names. */
export interface FoundObject {
  readonly label?: string | null;
  /** 0..1. */
  readonly confidence?: number | null;
  /** `[x, y, w, h]`, normalised to 0..1 with the origin at the top left. */
  readonly bbox?: readonly [number, number, number, number] | null;
  /** Unique among all objects of the camera, also across restarts of the worker. */
  readonly track_id?: string | null;
  readonly attributes?: JsonObject;
}

/** An event for the event log, stored in one transaction with the detections. */
export interface WorkerEvent {
  readonly event_type: string;
  readonly severity?: 'info' | 'warning' | 'critical';
  readonly payload?: JsonObject;
}

export interface Analysis {
  /** At most 1000 are sent, the rest is cut off. */
  readonly detections: readonly FoundObject[];
  readonly event?: WorkerEvent;
}

/** What looks at the frames of one task, one after the other; it may keep state between frames. */
export interface Analyser {
  analyse(frame: Frame): Analysis | Promise<Analysis>;
  /** Called once when the task stops. */
  close?(): void | Promise<void>;
}

export type AnalyserFactory = (task: WorkerTask) => Analyser | Promise<Analyser>;

export interface WorkerOptions {
  /** `http://host:port`, with a path when the server sits behind one. */
  readonly baseUrl: string;
  /** An API key that may view and ingest; goes out as `X-API-Key` and never into a log. */
  readonly apiKey?: string | undefined;
  /** By task type; tasks of other types are left to other workers. */
  readonly analysers: Readonly<Record<string, AnalyserFactory>>;
  /** Abort it to stop the worker. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly fetch?: typeof globalThis.fetch;
  readonly clock?: WorkerClock;
  /** 0..1, for the jitter of retries. */
  readonly random?: () => number;
  /** Default 10 000, at least 1 000, at most an hour. */
  readonly discoverEveryMs?: number;
  /** For one request with its whole answer; default 10 000. */
  readonly requestTimeoutMs?: number;
  /** For one analysis; past it the task is started afresh. Default 30 000. */
  readonly analysisTimeoutMs?: number;
}
