/** Is a camera covered? The worker measures pictures; this judges what it has posted. */
import { consumer, definePlugin, z } from '@heldar/plugin-sdk';
import { judge, type View } from './judge.ts';
import { pictureAttributes, taskType } from './picture.ts';

export default definePlugin({
  name: 'my-plugin',
  config: z.object({
    /** A picture counts as covered below this share of what is usual for its camera, 0..1. */
    share: z.number().gt(0).lt(1).default(0.4),
    /** So many pictures in a row have to agree. */
    frames: z.number().int().min(1).default(3),
  }),
  consumes: { [taskType]: pictureAttributes },
  emits: { covered: z.object({ bytes: z.number() }), uncovered: z.object({ bytes: z.number() }) },
  capabilities: ['events:emit'],

  setup: ({ config }) => ({
    consumers: [
      consumer({
        name: 'views',
        // One lane a camera: batches come in order, and what `fx` records is committed together, or not at all.
        consume(batch, fx) {
          for (const { attributes } of batch.detections) {
            const before = fx.state.get<View>('view');
            const { view, change } = judge(before, attributes.bytes, config);
            fx.state.set('view', view);
            if (change !== null)
              fx.emit(change, attributes, { severity: change === 'covered' ? 'warning' : 'info' });
          }
        },
      }),
    ],
  }),
});
