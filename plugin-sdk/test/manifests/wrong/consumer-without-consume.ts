/** A consumer without `consume`. */
import { definePlugin, consumer } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  consumes: ['detection'],
  setup: (_ctx) => ({
    consumers: [
      // expect: 'consume'
      consumer({ name: 'count' }),
    ],
  }),
});
