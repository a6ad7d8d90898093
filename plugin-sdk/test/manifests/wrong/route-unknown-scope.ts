/** There is no such scope. */
import { definePlugin, route, z } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  setup: (_ctx) => ({
    routes: [
      route.get('/visits', {
        capability: 'view',
        // expect: 'camera_id'
        scope: { camera_id: 'query.camera_id' },
        query: z.object({ camera_id: z.string() }),
        output: z.array(z.string()),
        handle: () => [],
      }),
    ],
  }),
});
