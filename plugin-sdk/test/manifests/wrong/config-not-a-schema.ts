/** The options are an example instead of a schema. */
import { definePlugin } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  // expect: 'graceMinutes'
  config: { graceMinutes: 15 },
  setup: (_ctx) => ({}),
});
