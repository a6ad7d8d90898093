/** What came of one analysis, of opening and of closing an analyser, each bounded in time? */
import type { Analyser, AnalyserFactory, Analysis, Frame, WorkerTask } from './analyser.ts';
import { settlesWithin } from './clock.ts';
import type { WorkerClock } from './clock.ts';

/** How long an analyser may go on after its task was stopped. */
const GRACE_MS = 2000;

export interface Bounds {
  readonly clock: WorkerClock;
  readonly analysisTimeoutMs: number;
}

/** Rejects with what the factory threw, when it takes too long, and when the signal is aborted. */
export async function openAnalyser(
  factory: AnalyserFactory,
  task: WorkerTask,
  { clock, analysisTimeoutMs }: Bounds,
  signal: AbortSignal,
): Promise<Analyser> {
  const opening = Promise.resolve().then(() => factory(task));
  if (await settlesWithin(clock, opening, analysisTimeoutMs, signal)) return opening;
  // Nobody waits for it any more, so it is closed as soon as it is there.
  void opening.then((analyser) => closeAnalyser(analyser, clock)).catch(() => undefined);
  signal.throwIfAborted();
  throw new Error(`the analyser was not ready within ${analysisTimeoutMs} ms`);
}

export type AnalysisResult =
  | { readonly kind: 'analysis'; readonly analysis: Analysis }
  | { readonly kind: 'threw'; readonly reason: string }
  /** The analyser may hang for good. */
  | { readonly kind: 'late' };

/** Rejects only when the frame's signal is aborted. */
export async function analyseFrame(
  analyser: Analyser,
  frame: Frame,
  { clock, analysisTimeoutMs }: Bounds,
): Promise<AnalysisResult> {
  const work = Promise.resolve().then(() => analyser.analyse(frame));
  const settled = await settlesWithin(clock, work, analysisTimeoutMs, frame.signal);
  if (frame.signal.aborted) {
    await settlesWithin(clock, work, GRACE_MS);
    frame.signal.throwIfAborted();
  }
  if (!settled) return { kind: 'late' };
  try {
    return { kind: 'analysis', analysis: await work };
  } catch (error) {
    return { kind: 'threw', reason: messageOf(error) };
  }
}

/** Answers why closing failed, or the empty text. */
export async function closeAnalyser(analyser: Analyser, clock: WorkerClock): Promise<string> {
  const closing = Promise.resolve().then(() => analyser.close?.());
  if (!(await settlesWithin(clock, closing, GRACE_MS))) return `not closed within ${GRACE_MS} ms`;
  return closing.then(() => '', messageOf);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
