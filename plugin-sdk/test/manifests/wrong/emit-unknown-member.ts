/** A payload with a member that the schema does not have. */
import { definePlugin, consumer, z } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  consumes: ['detection'],
  emits: { seen: z.object({ count: z.number() }), gone: z.object({}) },
  setup: (_ctx) => ({
    consumers: [
      consumer({
        name: 'count',
        consume(batch, fx) {
          // expect: 'camera'
          fx.emit('seen', { count: 1, camera: batch.cameraId });
        },
      }),
    ],
  }),
});
