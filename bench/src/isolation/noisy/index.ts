/** A plugin that counts batches, and misbehaves for as long as it is told to. */
import { consumer, definePlugin } from '@heldar/plugin-sdk';

const hoard: unknown[] = [];

/** By label of the first detection. */
const faults: Readonly<Record<string, () => void | Promise<void>>> = {
  throws() {
    throw new Error('it throws');
  },
  hangs: () => new Promise(() => {}),
  loops() {
    for (;;);
  },
  async leaks() {
    for (;;) {
      hoard.push(
        Array.from({ length: 20_000 }, () => ({})),
        Buffer.alloc(1024 * 1024, 1),
      );
      await new Promise((resolve) => setImmediate(resolve));
    }
  },
};

export default definePlugin({
  name: 'noisy',
  consumes: ['tracks', 'faults'],
  setup: (_ctx) => ({
    consumers: [
      consumer({
        name: 'counts',
        from: 'start',
        consume(batch, fx) {
          fx.state.set('seen', (fx.state.get<number>('seen') ?? 0) + batch.detections.length);
          return batch.taskType === 'faults' ? faults[batch.detections[0]?.label ?? '']?.() : undefined;
        },
      }),
    ],
  }),
});
