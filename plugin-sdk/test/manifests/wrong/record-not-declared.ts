/** A route writes a control record that the manifest does not declare. */
import { definePlugin, route, z } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  records: { door_changed: z.object({ open: z.boolean() }) },
  setup: (_ctx) => ({
    routes: [
      route.post('/door', {
        capability: 'operate_gate',
        scope: { none: 'one door' },
        handle({ tx }) {
          // expect: "door" | "door_changed"
          tx.record('door', { open: true }, { cameraId: null });
        },
      }),
    ],
  }),
});
