/** An option that the plugin must have is missing. */
import { definePlugin, use, z } from '@heldar/plugin-sdk';

const mail = definePlugin({
  name: 'mail',
  config: z.object({ server: z.string() }),
  setup: (_ctx) => ({}),
});

// expect: ^ use | arguments
use(async () => ({ default: mail }));
// expect: 'server'
use(async () => ({ default: mail }), {});
