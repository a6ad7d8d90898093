/** An event that the manifest does not declare. */
import { definePlugin, consumer, z } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  consumes: ['detection'],
  emits: { seen: z.object({ count: z.number() }) },
  setup: (_ctx) => ({
    consumers: [
      consumer({
        name: 'count',
        consume(batch, fx) {
          // expect: "sen" | "seen"
          fx.emit('sen', { count: batch.detections.length });
        },
      }),
    ],
  }),
});
