/** A payload that lacks a member. */
import { definePlugin, consumer, z } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  consumes: ['detection'],
  emits: { seen: z.object({ count: z.number(), label: z.string() }), gone: z.object({}) },
  setup: (_ctx) => ({
    consumers: [
      consumer({
        name: 'count',
        consume(batch, fx) {
          // expect: 'label'
          fx.emit('seen', { count: batch.detections.length });
        },
      }),
    ],
  }),
});
