/** A handler emits an event that the manifest does not declare. */
import { definePlugin, route, z } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  emits: { opened: z.object({}) },
  setup: (_ctx) => ({
    routes: [
      route.post('/door', {
        capability: 'operate_gate',
        scope: { none: 'one door' },
        handle({ tx }) {
          // expect: "open" | "opened"
          tx.emit('open', {});
        },
      }),
    ],
  }),
});
