/** What a batch holds follows from its task type. */
import { consumer, definePlugin, z } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  consumes: {
    anpr: z.object({ plate: z.string() }),
    ppe: z.object({ helmet: z.boolean(), since: z.number().optional() }),
  },
  setup: ({ log }) => ({
    consumers: [
      consumer({
        name: 'both',
        order: 'all',
        from: Date.UTC(2026, 0, 1),
        consume(batch) {
          if (batch.taskType === 'anpr')
            log.info(batch.detections.map((seen) => seen.attributes.plate).join());
          else log.info(String(batch.detections.every((seen) => seen.attributes.helmet)));
        },
      }),
    ],
  }),
});
