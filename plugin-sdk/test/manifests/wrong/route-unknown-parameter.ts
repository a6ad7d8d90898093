/** A handler reads a parameter that the schema does not have. */
import { definePlugin, route, z } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  setup: (_ctx) => ({
    routes: [
      route.get('/visits', {
        capability: 'view',
        scope: { rows: 'cameras' },
        query: z.object({ open: z.stringbool() }),
        output: z.boolean(),
        // expect: 'opened'
        handle: ({ query }) => query.opened,
      }),
    ],
  }),
});
