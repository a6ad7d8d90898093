/** Are the plugin's effects exactly once, wherever the kernel is killed? */
import { markCrashPoints, spread } from '../crash-points.ts';
import { expectUndisturbed, nonconforming, play, type Subject } from '../subject.ts';
import type { ConformanceCase } from '../tier.ts';

const defaultCrashes = 32;

export function crashes(subject: Subject): ConformanceCase {
  return {
    name: 'has its effects exactly once, wherever the kernel is killed',
    tier: 'gold',
    async run() {
      const { crashes: limit = defaultCrashes } = subject.options;
      const planned = new Set(spread(await subject.points(), limit));
      const killedAt: string[] = [];
      let kill = () => {};
      const points = markCrashPoints((point) => {
        if (!planned.delete(point)) return false;
        killedAt.push(point);
        kill();
        return true;
      });
      try {
        await using host = await subject.open(points);
        kill = () => host.crash();
        await play(host, subject.batches);
        await expectUndisturbed(
          subject,
          host,
          `it was killed ${killedAt.length} times (${killedAt.slice(0, 3).join('; ')}; …); only what goes through fx survives as it should`,
        );
      } finally {
        points.end();
      }
      if (killedAt.length === 0 && planned.size > 0)
        throw nonconforming(subject, 'none of the points at which it was to be killed was reached again');
    },
  };
}

/** Points at which another generation takes over. */
const swapsTried = 6;

export function swaps(subject: Subject): ConformanceCase {
  return {
    name: 'goes on where it was when its code is swapped in the middle of a batch',
    tier: 'gold',
    async run() {
      const calls = (await subject.points()).filter((point) => /await|before the call/.test(point));
      const planned = new Set(spread(calls, swapsTried));
      const swappedAt: string[] = [];
      let begin = () => {};
      const points = markCrashPoints((point) => {
        if (planned.delete(point)) {
          swappedAt.push(point);
          // Not within the call itself: whoever reloads does not stand there either.
          queueMicrotask(() => begin());
        }
        return false;
      });
      try {
        await using host = await subject.open(points);
        begin = () => host.beginSwap(subject.entry);
        await play(host, subject.batches);
        await expectUndisturbed(
          subject,
          host,
          `its code was swapped ${swappedAt.length} times (${swappedAt.slice(0, 3).join('; ')}; …); the next generation knows what is in fx.state and in its tables, nothing else`,
        );
      } finally {
        points.end();
      }
    },
  };
}
