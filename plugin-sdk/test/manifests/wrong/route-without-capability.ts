/** A route that says not what its caller needs. */
import { definePlugin, route, z } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  setup: (_ctx) => ({
    routes: [
      // expect: 'capability'
      route.get('/visits', { scope: { rows: 'cameras' }, output: z.array(z.string()), handle: () => [] }),
    ],
  }),
});
