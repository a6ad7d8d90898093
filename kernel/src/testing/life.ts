/** Which kernel runs now, and which comes after one that was killed? */
import { HeldarError } from '../errors.ts';
import type { KernelRun } from './kernel-run.ts';
import { settle, turns } from './settle.ts';

/** One kernel after the other on the same folder. */
export interface Life {
  /** @throws HeldarError `usage` while it is stopped. */
  run(): KernelRun;
  start(): Promise<void>;
  stop(): Promise<void>;
  crash(): void;
  /** The step that is under way ends when this has, and fails when this does. */
  attend(work: Promise<void>): void;
  /** How often it was killed. */
  readonly crashes: number;
  /** Of the kernel that runs; null while none does. */
  nextTick(): number | null;
  /** Starts again what was killed, and resolves when nothing goes on. */
  readonly settle: () => Promise<void>;
}

export function createLife(boot: () => KernelRun, settleMs: number): Life {
  let run: KernelRun | null = null;
  let dying: Promise<void> | null = null;
  const attended = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let crashes = 0;
  const current = (): KernelRun => {
    if (run === null) throw new HeldarError('usage', 'the test host is stopped; start it: host.start()');
    return run;
  };
  const revive = async () => {
    while (dying !== null) {
      const ending = dying;
      await ending;
      if (dying !== ending) continue;
      dying = null;
      await startNext();
    }
  };
  /** It may be killed before it has started. */
  const startNext = async () => {
    run = boot();
    await run.start().catch((error: unknown) => {
      if (dying === null) throw error;
    });
  };
  const comeToRest = async () => {
    if (run === null && dying === null) return;
    do {
      await revive();
      await Promise.all(attended);
      await settle(
        () => dying !== null || attended.size > 0 || current().isSettled(),
        settleMs,
        () => current().busy(),
      );
    } while (dying !== null || attended.size > 0);
    if (failures.length > 0) throw failures.shift();
  };
  return {
    run: current,
    async start() {
      if (run !== null) throw new HeldarError('usage', 'the test host runs already');
      await startNext().catch((error: unknown) => {
        run = null;
        throw error;
      });
      await comeToRest();
    },
    async stop() {
      await dying;
      dying = null;
      await run?.stop();
      await turns(1);
      run = null;
    },
    crash() {
      if (dying !== null) return;
      crashes += 1;
      dying = current().kill();
    },
    attend(work) {
      const done = work
        .catch((error: unknown) => void failures.push(error))
        .finally(() => attended.delete(done));
      attended.add(done);
    },
    get crashes() {
      return crashes;
    },
    nextTick: () => (run === null || dying !== null ? null : run.kernel.nextTick()),
    settle: comeToRest,
  };
}
