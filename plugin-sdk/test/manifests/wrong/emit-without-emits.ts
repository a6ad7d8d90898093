/** A consumer emits an event, and the manifest declares none. */
import { definePlugin } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  consumes: ['detection'],
  setup: (_ctx) => ({
    consumers: [
      {
        name: 'count',
        consume(_batch, fx) {
          // expect: 'seen' | NoEventsUnderEmits
          fx.emit('seen', { count: 1 });
        },
      },
    ],
  }),
});
