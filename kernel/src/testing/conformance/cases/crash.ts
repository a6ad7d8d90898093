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
      const planned = new Set(spread(await pointsOf(subject), limit));
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

/** In the order in which a run passes them. */
async function pointsOf(subject: Subject): Promise<string[]> {
  const passed = new Set<string>();
  const points = markCrashPoints((point) => {
    passed.add(point);
    return false;
  });
  try {
    await using host = await subject.open(points);
    await play(host, subject.batches);
    return [...passed];
  } finally {
    points.end();
  }
}
