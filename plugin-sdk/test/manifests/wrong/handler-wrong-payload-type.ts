/** A handler says its own event has a payload of another type. */
import { definePlugin, type JournalEvent, onEvent, z } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  emits: { seen: z.object({ count: z.number() }) },
  setup: ({ log }) => ({
    handlers: [
      // expect: 'text'
      onEvent('seen', (event: JournalEvent<string, { text: string }>) => log.info(event.payload.text)),
    ],
  }),
});
