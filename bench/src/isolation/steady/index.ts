/** A plugin whose lag is measured: one event a batch, at the time of its commit in the journal. */
import { consumer, definePlugin, z } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'steady',
  consumes: ['beats'],
  emits: { seen: z.object({ frame: z.string().nullable() }) },
  capabilities: ['events:emit'],
  setup: (_ctx) => ({
    consumers: [
      consumer({
        name: 'beats',
        from: 'start',
        consume(batch, fx) {
          fx.emit('seen', { frame: batch.frameId });
        },
      }),
    ],
  }),
});
