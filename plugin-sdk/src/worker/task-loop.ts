/** How does one task run: frame, analysis, post, pause, until it is stopped? */
import { analyseFrame, closeAnalyser, messageOf, openAnalyser } from './analyse.ts';
import type { Bounds } from './analyse.ts';
import type { Analyser, AnalyserFactory, Analysis, WorkerTask } from './analyser.ts';
import { delay } from './clock.ts';
import { frameRequest, judgeFrame, periodMs } from './frame.ts';
import { postRequest, readDelivery } from './post.ts';
import type { Send } from './request.ts';
import { sendWithRetries } from './retry.ts';
import type { RetryClock } from './retry.ts';
import { problemReporter } from './safe-log.ts';
import type { WorkerLog } from './safe-log.ts';

export interface LoopNeeds extends Bounds, RetryClock {
  readonly send: Send;
  readonly log: WorkerLog;
}

export interface TaskLoop {
  /** Resolves when the loop has ended and its analyser is closed. */
  stop(): Promise<void>;
  /** A loop ends by itself when its analyser cannot be opened or hangs; it is then started afresh. */
  hasEnded(): boolean;
}

export function startTask(
  task: WorkerTask,
  factory: AnalyserFactory,
  needs: LoopNeeds,
  parent: AbortSignal,
): TaskLoop {
  const stopping = new AbortController();
  const signal = AbortSignal.any([parent, stopping.signal]);
  let ended = false;
  const run = runTask(task, factory, needs, signal).finally(() => {
    ended = true;
  });
  return {
    stop() {
      stopping.abort();
      return run;
    },
    hasEnded: () => ended,
  };
}

/** Never rejects. */
async function runTask(
  task: WorkerTask,
  factory: AnalyserFactory,
  needs: LoopNeeds,
  signal: AbortSignal,
): Promise<void> {
  const fields = { task: task.id, camera: task.cameraId };
  try {
    const analyser = await openAnalyser(factory, task, needs, signal);
    needs.log.info({ ...fields, type: task.taskType, fps: task.fps }, 'task started');
    try {
      await cycleUntilStopped(task, analyser, needs, signal);
    } finally {
      const problem = await closeAnalyser(analyser, needs.clock);
      if (problem !== '') needs.log.warn({ ...fields, problem }, 'analyser not closed cleanly');
    }
  } catch (error) {
    if (signal.aborted) needs.log.info(fields, 'task stopped');
    else needs.log.error({ ...fields, problem: messageOf(error) }, 'task ended, to be started afresh');
  }
}

/** Rejects when the signal is aborted and when the analyser hangs. */
async function cycleUntilStopped(
  task: WorkerTask,
  analyser: Analyser,
  needs: LoopNeeds,
  signal: AbortSignal,
): Promise<never> {
  const { clock, log } = needs;
  const report = problemReporter(log, { task: task.id, camera: task.cameraId }, 'task');
  let previous = '';
  for (;;) {
    const startedMs = clock.monotonic();
    const attempt = await sendWithRetries(needs.send, frameRequest(task), needs, signal);
    const frame = judgeFrame(attempt, task, previous);
    if (frame.kind === 'frame') {
      previous = frame.capturedAt;
      const receivedAt = clock.now();
      const result = await analyseFrame(analyser, { ...frame, task, signal }, needs);
      if (result.kind === 'late') throw new Error(`no analysis within ${needs.analysisTimeoutMs} ms`);
      if (result.kind === 'threw') report(`analysis: ${result.reason}`);
      else report(await deliver(task, result.analysis, frame.capturedAt, receivedAt, needs, signal));
    } else if (frame.kind === 'failed') {
      report(`frame: ${frame.reason}`);
    }
    const usedMs = clock.monotonic() - startedMs;
    await delay(clock, Math.max(0, periodMs(task) - usedMs), signal);
  }
}

/** Answers why the result was dropped, or the empty text. */
async function deliver(
  task: WorkerTask,
  analysis: Analysis,
  capturedAt: string,
  receivedAt: number,
  needs: LoopNeeds,
  signal: AbortSignal,
): Promise<string> {
  const request = postRequest(task, analysis, capturedAt, receivedAt);
  if (!request) return '';
  const delivery = readDelivery(await sendWithRetries(needs.send, request, needs, signal));
  if (delivery.kind === 'failed') return `post: ${delivery.reason}`;
  needs.log.debug({ task: task.id, ingested: delivery.ingested }, 'delivered');
  return '';
}
