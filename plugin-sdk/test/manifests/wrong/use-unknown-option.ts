/** An option that the plugin does not have. */
import { definePlugin, use, z } from '@heldar/plugin-sdk';

const parking = definePlugin({
  name: 'parking',
  config: z.object({ graceMinutes: z.number().default(15) }),
  setup: (_ctx) => ({}),
});

// expect: 'graceMinuts'
use(async () => ({ default: parking }), { graceMinuts: 10 });
