/** Does the plugin start, end and start again, with nothing left running and nothing forgotten? */
import { followPlugin } from '../left-running.ts';
import { expectUndisturbed, folderOf, nonconforming, quietTime, type Subject } from '../subject.ts';
import type { ConformanceCase } from '../tier.ts';

/** For what ends a while after it was told to; connections may be kept for the next request. */
const graceMs = { connection: 6000, other: 1500 };

export function startStop(subject: Subject): ConformanceCase {
  return {
    name: 'leaves nothing running when it is stopped',
    tier: 'bronze',
    async run() {
      const following = followPlugin(folderOf(subject));
      try {
        await using host = await subject.open({ around: following.around });
        await host.tape(subject.batches.slice(0, 4));
        await host.stop();
        await host.start();
        await host.tape(subject.batches.slice(4, 6));
        await host.stop();
        await untilNone(() => following.left());
        const left = following.left();
        if (left.length > 0)
          throw nonconforming(
            subject,
            `${[...new Set(left)].join(', ')} goes on after it was disposed; end it in dispose, or when ctx.signal is aborted`,
          );
        const [problem] = host.problems();
        if (problem !== undefined) throw nonconforming(subject, problem.message);
      } finally {
        following.end();
      }
    },
  };
}

export function restarts(subject: Subject): ConformanceCase {
  return {
    name: 'goes on after a restart where it was',
    tier: 'silver',
    async run() {
      await using host = await subject.open();
      const middle = Math.floor(subject.batches.length / 2);
      await host.tape(subject.batches.slice(0, middle));
      await host.restart();
      await host.tape(subject.batches.slice(middle));
      await host.advance(quietTime);
      await expectUndisturbed(
        subject,
        host,
        'it was stopped and started in the middle of its traffic; what it remembers belongs into fx.state or its tables',
      );
    },
  };
}

async function untilNone(left: () => readonly string[]): Promise<void> {
  const began = performance.now();
  const limitMs = () =>
    left().some((what) => /^a (?:TLS )?socket/.test(what)) ? graceMs.connection : graceMs.other;
  while (left().length > 0 && performance.now() - began < limitMs())
    await new Promise((resolve) => setTimeout(resolve, 5));
}
