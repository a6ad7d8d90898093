/** Are the plugin's effects the same when batches come twice, out of order, or the store is slow? */
import { isDeepStrictEqual } from 'node:util';
import type { SeenBatch } from '../../batches.ts';
import { deliverTwice } from '../delivered-twice.ts';
import { holdCommits } from '../hold-commits.ts';
import { readOutcome, type Outcome } from '../outcome.ts';
import { expectUndisturbed, nonconforming, play, quietTime, type Subject } from '../subject.ts';
import type { ConformanceCase } from '../tier.ts';

export function duplicates(subject: Subject): ConformanceCase {
  return {
    name: 'takes effect once for a batch that comes twice',
    tier: 'silver',
    async run() {
      await using host = await subject.open({ around: deliverTwice() });
      await play(host, subject.batches);
      await expectUndisturbed(
        subject,
        host,
        'each call was made twice, the first time without effect; what it remembers between calls belongs into fx.state, not into variables',
      );
      await using repeating = await subject.open();
      await play(
        repeating,
        subject.batches.flatMap((batch) => [batch, { ...batch, afterMs: 0 }]),
      );
      // A repeat takes a place in the log's numbering, so that ids differ; how much there is does not.
      const counts = sizesOf(readOutcome(repeating, subject.name));
      const expected = sizesOf(await subject.undisturbed());
      if (!isDeepStrictEqual(counts, expected))
        throw nonconforming(
          subject,
          `each batch was posted twice, and left ${JSON.stringify(counts)} instead of ${JSON.stringify(expected)} rows and events`,
        );
    },
  };
}

export function reordered(subject: Subject): ConformanceCase {
  return {
    name: 'goes on when frames come out of the order they were taken in',
    tier: 'silver',
    async run() {
      await using host = await subject.open();
      await play(host, backwards(subject.batches, host.now));
      const [problem] = host.problems();
      if (problem !== undefined)
        throw nonconforming(
          subject,
          `batches whose capture times went backwards were too much: ${problem.message}; batch.timestamp is what a worker says, only fx.now never decreases`,
        );
    },
  };
}

function sizesOf(outcome: Outcome): Record<string, number> {
  return Object.fromEntries(Object.entries(outcome).map(([name, lines]) => [name, lines.length]));
}

/** In pairs, the later frame of a pair first; now and then one from long ago. */
function backwards(batches: readonly SeenBatch[], startAt: number): SeenBatch[] {
  return batches.map((batch, index) => ({
    ...batch,
    at: index % 7 === 6 ? startAt - 3_600_000 : startAt + (index % 2 === 0 ? index + 1 : index - 1) * 500,
  }));
}

const burst = 4;

export function slowStore(subject: Subject): ConformanceCase {
  return {
    name: 'makes the same of its traffic when the store is slow',
    tier: 'silver',
    async run() {
      const commits = holdCommits();
      await using host = await subject.open({ wrapStore: commits.wrapStore });
      for (let from = 0; from < subject.batches.length; from += burst) {
        commits.hold();
        for (const batch of subject.batches.slice(from, from + burst)) {
          await host.pass(batch.afterMs ?? 0);
          await host.post(batch);
        }
        commits.release();
        await host.advance(0);
      }
      await host.advance(quietTime);
      await expectUndisturbed(
        subject,
        host,
        'commits were late, so that calls ran before the effects of earlier ones could be read; read with fx.read, or keep it in fx.state',
      );
    },
  };
}
