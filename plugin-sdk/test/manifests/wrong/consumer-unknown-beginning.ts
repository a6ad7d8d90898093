/** A place to begin that is none. */
import { consumer, definePlugin } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  consumes: ['detection'],
  setup: (_ctx) => ({
    consumers: [
      consumer({
        name: 'count',
        // expect: ^ from | "end"
        from: 'end',
        consume() {},
      }),
    ],
  }),
});
