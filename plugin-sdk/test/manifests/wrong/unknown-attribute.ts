/** An attribute that the schema of the task type does not have. */
import { definePlugin, consumer, z } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  consumes: { anpr: z.object({ plate: z.string() }) },
  setup: ({ log }) => ({
    consumers: [
      consumer({
        name: 'plates',
        consume(batch) {
          // expect: 'plat'
          for (const { attributes } of batch.detections) log.info(attributes.plat);
        },
      }),
    ],
  }),
});
