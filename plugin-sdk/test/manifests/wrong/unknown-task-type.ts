/** A batch of a task type that the manifest does not name. */
import { definePlugin, consumer } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  consumes: ['detection', 'anpr'],
  setup: ({ log }) => ({
    consumers: [
      consumer({
        name: 'plates',
        consume(batch) {
          // expect: "ampr"
          if (batch.taskType === 'ampr') log.info('a plate');
        },
      }),
    ],
  }),
});
