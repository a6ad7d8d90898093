/** A handler reads what the payload of its own event does not have. */
import { definePlugin, onEvent, z } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  emits: { seen: z.object({ count: z.number() }) },
  setup: ({ log }) => ({
    handlers: [
      // expect: 'counts'
      onEvent('seen', (event) => log.info({ count: event.payload.counts }, 'seen')),
    ],
  }),
});
