/** `setup` returns `consumer` for `consumers`. */
import { definePlugin, consumer } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  consumes: ['detection'],
  // expect: consumer: | Contributions
  setup: (_ctx) => ({
    consumer: [consumer({ name: 'count', consume() {} })],
  }),
});
