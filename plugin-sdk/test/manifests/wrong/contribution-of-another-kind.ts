/** A job stands among the consumers. */
import { definePlugin, every } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  setup: (_ctx) => ({
    // expect: 'consume'
    consumers: [every('1h', 'clean', () => {})],
  }),
});
