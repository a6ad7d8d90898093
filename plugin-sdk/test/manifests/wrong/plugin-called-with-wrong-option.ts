/** A plugin is called with an option of another type. */
import { definePlugin, z } from '@heldar/plugin-sdk';

const parking = definePlugin({
  name: 'parking',
  config: z.object({ graceMinutes: z.number().default(15) }),
  setup: (_ctx) => ({}),
});

// expect: ^ graceMinutes | 'string' is not assignable to type 'number'
parking({ graceMinutes: 'ten' });
