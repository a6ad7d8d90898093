/** A route with a member that is not there. */
import { definePlugin, route, z } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  setup: (_ctx) => ({
    routes: [
      route.post('/visits', {
        capability: 'view',
        scope: { rows: 'cameras' },
        // expect: 'input'
        input: z.object({ plate: z.string() }),
        handle: () => {},
      }),
    ],
  }),
});
