/** Is a batch that fails left out whole, and does the rest go on as if it had not come? */
import type { Around } from '../../wrap-plugin.ts';
import type { SeamedHost } from '../../open-test-host.ts';
import { differences, readOutcome, type Outcome } from '../outcome.ts';
import { nonconforming, quietTime, type Subject } from '../subject.ts';
import type { ConformanceCase } from '../tier.ts';

export function failingBatch(subject: Subject): ConformanceCase {
  return {
    name: 'leaves nothing of a batch that fails, and goes on behind it',
    tier: 'silver',
    async run() {
      const without = await runWith(subject, (run) => void run);
      const failed = await runWith(subject, (run) => {
        const result = run();
        if (!(result instanceof Promise)) throw new Error(injected);
        return result.then(() => {
          throw new Error(injected);
        });
      });
      const { parked: _, ...expected } = without.outcome;
      const { parked = [], ...left } = failed.outcome;
      const found = differences(expected, left);
      if (found.length > 0)
        throw nonconforming(
          subject,
          `a call that failed left traces: what a call remembers belongs into fx.state, which is dropped with it\n${found.join('\n')}`,
        );
      if (failed.calls > 0 && parked.length !== failed.consumers)
        throw nonconforming(
          subject,
          `a batch that failed for good is not parked: ${parked.join(', ') || 'nothing is'}`,
        );
    },
  };
}

const injected = 'this call fails at its end, to see what it leaves';

/** Calls for the batch in the middle go through `middle`. */
async function runWith(
  subject: Subject,
  middle: (run: () => unknown) => unknown,
): Promise<{ outcome: Outcome; calls: number; consumers: number }> {
  const at = Math.floor(subject.batches.length / 2);
  const consumers = new Set<string>();
  let calls = 0;
  let isMiddle = false;
  let cause: string | null = null;
  const around: Around = {
    call(call, run) {
      if (call.kind !== 'batch' || !(isMiddle || cause === call.cause)) return run();
      cause ??= call.cause;
      calls += 1;
      consumers.add(call.name);
      return middle(run) as ReturnType<typeof run>;
    },
  };
  await using host: SeamedHost = await subject.open({ around });
  await host.tape(subject.batches.slice(0, at));
  isMiddle = true;
  await host.tape(subject.batches.slice(at, at + 1));
  isMiddle = false;
  await host.advance('1m');
  await host.tape(subject.batches.slice(at + 1));
  await host.advance(quietTime);
  return { outcome: readOutcome(host, subject.name), calls, consumers: consumers.size };
}
