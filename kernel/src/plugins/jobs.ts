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

export function startJob(options: {
  owner: TxOwner;
  job: Job;
  store: Store;
  clock: Clock;
  watch: Watch;
  onFailed(error: unknown): void;
}): RunningJob {
  const { owner, job, clock } = options;
  const nextAfter = scheduleOf(owner.plugin, job);
  const abort = new AbortController();
  let running: Promise<void> = Promise.resolve();
  let cancel = () => {};

  const plan = () => {
    const now = clock.now();
    cancel = clock.after(Math.max(0, nextAfter(now) - now), () => {
      running = run().finally(() => {
        if (!abort.signal.aborted) plan();
      });
    });
  };
  const run = async () => {
    const recorder = recordTx(owner, clock.now());
    const leave = options.watch.enter(`${owner.plugin}.${job.name}`);
    try {
      const started = job.run({ signal: abort.signal, now: clock.now(), tx: recorder.tx as never });
      leave();
      await started;
      const unit = recorder.unit();
      if (unit !== null && !abort.signal.aborted) await options.store.commit(unit);
    } catch (error) {
      leave();
      if (!abort.signal.aborted) options.onFailed(error);
    }
  };
  plan();
  return {
    async stop() {
      abort.abort(new Error(`the job ${job.name} is stopping`));
      cancel();
      await running;
    },
  };
}

/** When the job is due next, behind a time. */
function scheduleOf(plugin: string, job: Job): (now: number) => number {
  const what = `${plugin}: job '${job.name}'`;
  if (/^[0-9]+(ms|s|m|h|d)$/.test(job.schedule)) {
    const everyMs = parseInterval(job.schedule, what);
    return (now) => now + everyMs;
  }
  try {
    const cron = new Cron(job.schedule, { paused: true });
    return (now) => cron.nextRun(new Date(now))?.getTime() ?? Number.MAX_SAFE_INTEGER;
  } catch (error) {
    throw new HeldarError(
      'plugin_invalid',
      `${what}: '${job.schedule}' is neither an interval ('1h') nor a cron pattern: ${messageOf(error)}`,
    );
  }
}
