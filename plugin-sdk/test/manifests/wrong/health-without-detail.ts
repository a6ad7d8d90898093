/** A plugin that is not well says not why. */
import { definePlugin } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  setup: (_ctx) => ({
    // expect: 'detail'
    health: () => ({ ok: false }),
  }),
});
