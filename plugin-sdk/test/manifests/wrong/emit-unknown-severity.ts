/** There is no such severity. */
import { definePlugin, consumer, z } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  consumes: ['detection'],
  emits: { seen: z.object({}), gone: z.object({}) },
  setup: (_ctx) => ({
    consumers: [
      consumer({
        name: 'count',
        consume(_batch, fx) {
          // expect: "fatal" | Severity
          fx.emit('seen', {}, { severity: 'fatal' });
        },
      }),
    ],
  }),
});
