/** A GET with a body, which none has. */
import { definePlugin, route, z } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  setup: (_ctx) => ({
    routes: [
      route.get('/visits', {
        capability: 'view',
        scope: { rows: 'cameras' },
        // expect: ^ body | 'undefined'
        body: z.object({ plate: z.string() }),
        output: z.boolean(),
        handle: () => true,
      }),
    ],
  }),
});
