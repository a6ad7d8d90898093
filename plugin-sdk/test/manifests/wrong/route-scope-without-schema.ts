/** The scope names a parameter of a path that has no schema. */
import { definePlugin, route, z } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  setup: (_ctx) => ({
    routes: [
      route.get('/cameras/:id/visits', {
        capability: 'view',
        // expect: ^ camera | NoParameterInPathAndSchemas
        scope: { camera: 'params.id' },
        output: z.array(z.string()),
        handle: () => [],
      }),
    ],
  }),
});
