/** The scope names a parameter that the schema does not have. */
import { definePlugin, route, z } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  setup: (_ctx) => ({
    routes: [
      route.get('/visits', {
        capability: 'view',
        // expect: "query.camera" | "query.camera_id"
        scope: { camera: 'query.camera' },
        query: z.object({ camera_id: z.string() }),
        output: z.array(z.string()),
        handle: () => [],
      }),
    ],
  }),
});
