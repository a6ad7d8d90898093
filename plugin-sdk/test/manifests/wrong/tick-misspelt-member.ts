/** A tick with a member that is not there. */
import { definePlugin, consumer } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  consumes: ['detection'],
  setup: (_ctx) => ({
    consumers: [
      consumer({
        name: 'count',
        consume() {},
        // expect: 'interval'
        tick: { interval: '10s', run() {} },
      }),
    ],
  }),
});
