/** A route with a capability that no role has. */
import { definePlugin, route, z } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  setup: (_ctx) => ({
    routes: [
      route.get('/visits', {
        // expect: ^ capability | "read" | Capability
        capability: 'read',
        scope: { rows: 'cameras' },
        output: z.array(z.string()),
        handle: () => [],
      }),
    ],
  }),
});
