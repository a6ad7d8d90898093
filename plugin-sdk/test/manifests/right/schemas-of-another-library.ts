/** Schemas of any library that speaks Standard Schema. */
import { consumer, definePlugin, use } from '@heldar/plugin-sdk';

declare function shape<Input, Output>(): {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: 'other';
    readonly validate: (value: unknown) => { readonly value: Output };
    readonly types?: { readonly input: Input; readonly output: Output };
  };
};

const plugin = definePlugin({
  name: 'demo',
  config: shape<{ minutes?: number }, { minutes: number }>(),
  consumes: { anpr: shape<unknown, { plate: string }>() },
  emits: { seen: shape<unknown, { plate: string; minutes: number }>() },
  setup: ({ config }) => ({
    consumers: [
      consumer({
        name: 'plates',
        consume(batch, fx) {
          for (const { attributes } of batch.detections)
            fx.emit('seen', { ...attributes, minutes: config.minutes });
        },
      }),
    ],
  }),
});

export default use(async () => ({ default: plugin }), { minutes: 3 });
