/** Handlers of its own events, of those of others, and of all. */
import { definePlugin, type JournalEvent, onEvent, z } from '@heldar/plugin-sdk';

const seen = z.object({ count: z.number(), label: z.string().nullable().default(null) });

function report(event: JournalEvent<string, z.output<typeof seen>>): void {
  process.stdout.write(`${event.id} ${event.payload.count} ${event.payload.label}`);
}

export default definePlugin({
  name: 'demo',
  emits: { seen, gone: z.object({}) },
  records: { forgotten: z.object({ count: z.number() }) },
  capabilities: ['events:emit', 'events:read'],
  setup: ({ log }) => ({
    handlers: [
      onEvent('seen', report),
      onEvent(
        'seen',
        ({ payload }, { tx }) => tx.record('forgotten', { count: payload.count }, { cameraId: null }),
        {
          name: 'forget',
        },
      ),
      onEvent('zone_enter', ({ payload }) => log.info({ payload }, 'somebody came')),
      onEvent('*', async (event, { tx, signal }) => {
        if (!signal.aborted && event.severity === 'critical')
          tx.emit('gone', {}, { cameraId: event.cameraId });
      }),
    ],
  }),
});
