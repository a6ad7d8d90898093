/** A service that answers at once: others call it across a swap, so it has to be asynchronous. */
import { definePlugin } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  setup: (_ctx) => ({
    services: {
      // expect: 'Promise<unknown>'
      count: () => 3,
    },
  }),
});
