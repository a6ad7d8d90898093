/** How much is served at once, and how long anything may take. */

export interface HttpLimits {
  /** Requests under way at once; more are answered 503. */
  readonly concurrentRequests: number;
  /** Open-ended answers at once; more are answered 503. */
  readonly concurrentStreams: number;
  /** For the headers and the body of a request to arrive. */
  readonly receiveMs: number;
  /** For a handler, where its route sets no other limit. */
  readonly answerMs: number;
  /** A connection on which nothing moves for this long is closed. */
  readonly stalledMs: number;
  /** An idle connection is kept this long for the next request; workers post every few seconds. */
  readonly keepAliveMs: number;
}

export const defaultLimits: HttpLimits = {
  concurrentRequests: 512,
  concurrentStreams: 256,
  receiveMs: 30_000,
  answerMs: 60_000,
  stalledMs: 120_000,
  keepAliveMs: 75_000,
};
