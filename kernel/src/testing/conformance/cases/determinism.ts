/** Do the plugin's effects follow from the log alone? */
import { withOtherDate } from '../other-date.ts';
import { expectUndisturbed, play, type Subject } from '../subject.ts';
import type { ConformanceCase } from '../tier.ts';

export function determinism(subject: Subject): ConformanceCase {
  return {
    name: 'makes the same tables, events and ids of the same log',
    tier: 'silver',
    async run() {
      await subject.undisturbed();
      await withOtherDate(async () => {
        await using host = await subject.open();
        await play(host, subject.batches);
        await expectUndisturbed(
          subject,
          host,
          'the same log, on another day, gave something else; take time from fx.now, ids from fx.id, memory from fx.state, and no other',
        );
      });
    },
  };
}
