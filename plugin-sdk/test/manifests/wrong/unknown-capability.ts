/** There is no such capability. */
import { definePlugin } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  // expect: "event:emit" | "events:emit"
  capabilities: ['event:emit'],
  setup: (_ctx) => ({}),
});
