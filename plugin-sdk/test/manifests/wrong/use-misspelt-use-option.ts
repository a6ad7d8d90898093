/** How a plugin is used: a member that is not there. */
import { definePlugin, use, z } from '@heldar/plugin-sdk';

const parking = definePlugin({
  name: 'parking',
  config: z.object({ graceMinutes: z.number().default(15) }),
  setup: (_ctx) => ({}),
});

// expect: 'require'
use(async () => ({ default: parking }), {}, { require: true });
