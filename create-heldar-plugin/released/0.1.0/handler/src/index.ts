/** Who else has to know? Events of the journal, sent to another system over HTTP. */
import { definePlugin, onEvent, z } from '@heldar/plugin-sdk';
import { messageOf } from './message.ts';

export default definePlugin({
  name: 'my-plugin',
  config: z.object({
    /** Where events are sent; null: nowhere. */
    url: z.url().nullable().default(null),
    /** Which events. */
    events: z.array(z.string()).default(['zone_enter']),
    timeoutSeconds: z.number().min(1).max(50).default(10),
  }),
  capabilities: ['events:read', 'http:outbound'],

  setup({ config: { url, events, timeoutSeconds }, fetch }) {
    if (url === null) return { health: () => ({ ok: true, detail: 'no url is set: nothing is sent' }) };
    const { host } = new URL(url);
    return {
      handlers: events.map((type) =>
        // Each event in order, at least once: a call that throws is tried again, and a crash may repeat the last one.
        onEvent(type, async (event, { signal }) => {
          const answer = await fetch(url, {
            method: 'POST',
            // The same for each try, so that the other side can tell a repetition.
            headers: { 'content-type': 'application/json', 'idempotency-key': event.id },
            body: JSON.stringify(messageOf(event)),
            signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutSeconds * 1000)]),
          });
          await answer.body?.cancel();
          // The path of such an address is often a secret: only the host is told.
          if (!answer.ok) throw new Error(`${host} answered ${answer.status}`);
        }),
      ),
    };
  },
});
