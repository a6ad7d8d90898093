/** The smallest useful plugin: an event for each labelled detection of the task type `detection`. */
import { consumer, definePlugin, z } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'hello',
  config: z.object({ greeting: z.string().min(1).default('Hello') }),
  consumes: ['detection'],
  emits: { seen: z.object({ message: z.string(), track_id: z.string().nullable() }) },
  capabilities: ['events:emit'],
  setup: ({ config }) => ({
    consumers: [
      consumer({
        name: 'greeter',
        consume(batch, fx) {
          for (const { label, track_id } of batch.detections)
            if (label !== null) fx.emit('seen', { message: `${config.greeting}, ${label}!`, track_id });
        },
      }),
    ],
  }),
});
