/** A member that the payload of a record does not have. */
import { definePlugin, consumer, z } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  consumes: ['detection'],
  records: { door_changed: z.object({ open: z.boolean() }) },
  setup: ({ log }) => ({
    consumers: [
      consumer({
        name: 'count',
        consume() {},
        records: {
          // expect: 'opened'
          door_changed: ({ payload }) => log.info({ open: payload.opened }, 'door'),
        },
      }),
    ],
  }),
});
