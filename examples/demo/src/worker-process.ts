/** The AI worker: a process of its own that knows nothing of the kernel but its address. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface WorkerProcess {
  /** Rejects when the worker ends by itself. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

/** What the worker gets to end by itself, ms. */
const patienceMs = 5000;

export function startWorker(file: string, url: string, signal: AbortSignal): WorkerProcess {
  const child = spawn(process.execPath, [...process.execArgv, file], {
    env: { ...process.env, HELDAR_URL: url },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = once(child, 'exit');
  const failed = exited.then(([code]) => {
    if (signal.aborted) return new Promise<never>(() => {});
    throw new Error(
      `the worker ended with code ${String(code)}; run it alone to see why: HELDAR_URL=${url} node ${file}`,
    );
  });
  failed.catch(() => undefined);
  return {
    failed,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
      await exited;
      clearTimeout(timer);
    },
  };
}
