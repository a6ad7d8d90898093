/** A route that says not which cameras it is about. */
import { definePlugin, route, z } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  setup: (_ctx) => ({
    routes: [
      // expect: 'scope'
      route.get('/visits', { capability: 'view', output: z.array(z.string()), handle: () => [] }),
    ],
  }),
});
