/** The interval of a tick is no interval. */
import { definePlugin, consumer } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  consumes: ['detection'],
  setup: (_ctx) => ({
    consumers: [
      consumer({
        name: 'count',
        consume() {},
        // expect: ^ every | "10 seconds" | ${number}s
        tick: { every: '10 seconds', run() {} },
      }),
    ],
  }),
});
