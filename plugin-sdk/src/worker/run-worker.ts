/** How does a worker keep one loop running for each task it can analyse? */
import type { WorkerOptions, WorkerTask } from './analyser.ts';
import { delay, systemClock } from './clock.ts';
import { discoveryRequest, readDiscovery } from './discovery.ts';
import { fingerprint, planChanges } from './reconcile.ts';
import { sendTo } from './request.ts';
import { sendWithRetries } from './retry.ts';
import { problemReporter, withoutSecret } from './safe-log.ts';
import { startTask } from './task-loop.ts';
import type { LoopNeeds, TaskLoop } from './task-loop.ts';

interface RunningTask {
  readonly print: string;
  readonly loop: TaskLoop;
}

/**
 * Discovers tasks, runs a loop for each, and resolves once the signal is aborted and every loop has ended.
 * Rejects with a TypeError for options it cannot work with.
 *
 * @example
 * await runWorker({
 *   baseUrl: 'http://127.0.0.1:8000',
 *   analysers: { people: () => ({ analyse: ({ jpeg }) => ({ detections: findPeople(jpeg) }) }) },
 *   signal: stop.signal,
 *   log,
 * });
 */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const needs = prepare(options);
  const { signal } = options;
  const discoverEveryMs = Math.min(Math.max(1000, options.discoverEveryMs ?? 10_000), 3_600_000);
  const report = problemReporter(needs.log, {}, 'task discovery');
  const running = new Map<string, RunningTask>();
  try {
    for (;;) {
      const found = readDiscovery(await sendWithRetries(needs.send, discoveryRequest, needs, signal));
      if (found.kind === 'tasks') {
        report(found.skipped > 0 ? `${found.skipped} entries left out` : '');
        await reconcile(running, found.tasks, options, needs);
      } else {
        // What runs goes on: a server that does not answer has not withdrawn its tasks.
        report(found.reason);
      }
      await delay(needs.clock, discoverEveryMs, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await Promise.all([...running.values()].map(({ loop }) => loop.stop()));
  }
}

async function reconcile(
  running: Map<string, RunningTask>,
  tasks: readonly WorkerTask[],
  { analysers, signal }: WorkerOptions,
  needs: LoopNeeds,
): Promise<void> {
  for (const [id, { loop }] of running) if (loop.hasEnded()) running.delete(id);
  const ours = tasks.filter((task) => Object.hasOwn(analysers, task.taskType));
  const prints = new Map([...running].map(([id, { print }]) => [id, print]));
  const { stop, start } = planChanges(prints, ours);
  await Promise.all(stop.map(async (id) => running.get(id)?.loop.stop()));
  for (const id of stop) running.delete(id);
  for (const task of start) {
    const factory = analysers[task.taskType];
    if (!factory || signal.aborted) continue;
    running.set(task.id, { print: fingerprint(task), loop: startTask(task, factory, needs, signal) });
  }
}

function prepare(options: WorkerOptions): LoopNeeds {
  const { apiKey } = options;
  // fetch would quote a key that cannot stand in a header.
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new TypeError('the API key must be printable ASCII without blanks');
  }
  return {
    send: sendTo({
      baseUrl: checkedBaseUrl(options.baseUrl),
      apiKey,
      fetch: options.fetch ?? globalThis.fetch,
      timeoutMs: options.requestTimeoutMs ?? 10_000,
    }),
    log: withoutSecret(options.log, apiKey),
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    analysisTimeoutMs: options.analysisTimeoutMs ?? 30_000,
  };
}

function checkedBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol)) throw new TypeError('baseUrl must be an http or https URL');
  if (url.username || url.password) throw new TypeError('baseUrl must not hold credentials; use apiKey');
  if (url.search || url.hash) throw new TypeError('baseUrl must have neither a query nor a fragment');
  return url.href.replace(/\/+$/, '');
}
