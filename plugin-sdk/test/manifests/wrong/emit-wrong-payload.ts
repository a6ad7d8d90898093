/** A payload with a member of another type. */
import { definePlugin, consumer, z } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  consumes: ['detection'],
  emits: { seen: z.object({ count: z.number() }), gone: z.object({ label: z.string() }) },
  setup: (_ctx) => ({
    consumers: [
      consumer({
        name: 'count',
        consume(batch, fx) {
          // expect: count | 'string' is not assignable to type 'number'
          fx.emit('seen', { count: String(batch.detections.length) });
        },
      }),
    ],
  }),
});
