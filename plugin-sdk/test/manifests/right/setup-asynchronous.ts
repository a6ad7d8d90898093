/** An asynchronous `setup`, with a consumer written in its place. */
import { definePlugin, z } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  consumes: ['detection'],
  emits: { seen: z.object({ count: z.number() }) },
  capabilities: ['events:emit', 'http:outbound'],
  async setup({ fetch, signal }) {
    await fetch('http://127.0.0.1:9', { signal });
    return {
      consumers: [
        {
          name: 'count',
          consume(batch, fx) {
            const taskType: 'detection' = batch.taskType;
            fx.emit('seen', { count: batch.detections.length + taskType.length });
          },
        },
      ],
    };
  },
});
