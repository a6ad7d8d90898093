/** A consumer with a member that is not there. */
import { definePlugin, consumer } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  consumes: ['detection'],
  setup: (_ctx) => ({
    consumers: [
      consumer({
        name: 'count',
        // expect: 'timeout'
        timeout: 5000,
        consume() {},
      }),
    ],
  }),
});
