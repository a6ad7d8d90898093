/** Work of plugins on a schedule: an interval or a cron pattern; never two runs of one job at a time. */
import type { Job } from '@heldar/plugin-sdk';
import { Cron } from 'croner';
import type { Clock } from '../clock.ts';
import { parseInterval } from '../detections/ticks.ts';
import { HeldarError, messageOf } from '../errors.ts';
import type { Watch } from '../runtime/watchdog.ts';
import type { Store } from '../store/store.ts';
import { recordTx, type TxOwner } from './tx.ts';

export interface RunningJob {
  stop(): Promise<void>;
}

/** Timers hold 31 bits of milliseconds; a longer one would go off at once. */
const longestWaitMs = 24 * 3_600_000;

export function startJob(options: {
  owner: TxOwner;
  job: Job;
  store: Pick<Store, 'commit'>;
  clock: Clock;
  watch: Watch;
  onFailed(error: unknown): void;
}): RunningJob {
  const { owner, job, clock } = options;
  const nextAfter = scheduleOf(owner.plugin, job);
  const abort = new AbortController();
  let running: Promise<void> = Promise.resolve();
  let cancel: (() => void) | null = null;

  const wait = (dueAt: number) => {
    const waitMs = Math.max(0, dueAt - clock.now());
    cancel = clock.after(Math.min(waitMs, longestWaitMs), () => {
      if (waitMs > longestWaitMs) wait(dueAt);
      else
        running = run().finally(() => {
          if (!abort.signal.aborted) plan();
        });
    });
  };
  const plan = () => {
    const dueAt = nextAfter(clock.now());
    if (dueAt !== null) wait(dueAt);
  };
  const start = (context: Parameters<Job['run']>[0]) => {
    const leave = options.watch.enter(`${owner.plugin}.${job.name}`);
    try {
      return job.run(context);
    } finally {
      leave();
    }
  };
  const run = async () => {
    const now = clock.now();
    const recorder = recordTx(owner, now);
    try {
      await start({ signal: abort.signal, now, tx: recorder.tx });
      const unit = recorder.unit();
      if (unit !== null && !abort.signal.aborted) await options.store.commit(unit);
    } catch (error) {
      recorder.unit();
      if (!abort.signal.aborted) options.onFailed(error);
    }
  };
  plan();
  return {
    async stop() {
      abort.abort(new Error(`the job ${job.name} is stopping`));
      cancel?.();
      await running;
    },
  };
}

/** @throws HeldarError `plugin_invalid` when its schedule can't be read. */
export function checkSchedule(plugin: string, job: Job): void {
  scheduleOf(plugin, job);
}

/** When the job is due next, behind a time; null: never again. */
function scheduleOf(plugin: string, job: Job): (now: number) => number | null {
  const what = `${plugin}: job '${job.name}'`;
  if (/^[0-9]+(ms|s|m|h|d)$/.test(job.schedule)) {
    const everyMs = parseInterval(job.schedule, what);
    return (now) => now + everyMs;
  }
  try {
    const cron = new Cron(job.schedule, { paused: true });
    return (now) => cron.nextRun(new Date(now))?.getTime() ?? null;
  } catch (error) {
    throw new HeldarError(
      'plugin_invalid',
      `${what}: '${job.schedule}' is neither an interval ('1h') nor a cron pattern: ${messageOf(error)}`,
    );
  }
}
