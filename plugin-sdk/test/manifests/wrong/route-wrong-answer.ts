/** A handler answers what the output schema does not describe. */
import { definePlugin, route, z } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  setup: (_ctx) => ({
    routes: [
      route.get('/visits', {
        capability: 'view',
        scope: { rows: 'cameras' },
        output: z.array(z.object({ plate: z.string() })),
        // expect: 'plate'
        handle: () => [{ plates: 'ABC1' }],
      }),
    ],
  }),
});
