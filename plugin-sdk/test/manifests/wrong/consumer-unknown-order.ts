/** There is no such order. */
import { definePlugin, consumer } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  consumes: ['detection'],
  setup: (_ctx) => ({
    consumers: [
      consumer({
        name: 'count',
        // expect: ^ order | "cameras" | "camera"
        order: 'cameras',
        consume() {},
      }),
    ],
  }),
});
