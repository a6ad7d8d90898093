/** The scope names a parameter that stands in the schema and not in the path. */
import { definePlugin, route, z } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  setup: (_ctx) => ({
    routes: [
      route.get('/visits', {
        capability: 'view',
        // expect: ^ camera | NoParameterInPathAndSchemas
        scope: { camera: 'params.id' },
        params: z.object({ id: z.string() }),
        output: z.array(z.string()),
        handle: () => [],
      }),
    ],
  }),
});
