/** A control record that neither the kernel nor the manifest has. */
import { definePlugin, consumer, z } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  consumes: ['detection'],
  records: { door_changed: z.object({ open: z.boolean() }) },
  setup: (_ctx) => ({
    consumers: [
      consumer({
        name: 'count',
        consume() {},
        records: {
          // expect: 'camera.removed'
          'camera.removed': () => {},
        },
      }),
    ],
  }),
});
