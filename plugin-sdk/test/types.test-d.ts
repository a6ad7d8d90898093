import { consumer, definePlugin, every, onEvent, route, use, z } from '../src/index.ts';

const parking = definePlugin({
  name: 'parking',
  config: z.object({ graceMinutes: z.number().int().min(0).default(15) }),
  consumes: { anpr: z.object({ plate: z.string(), plate_confidence: z.number().optional() }) },
  emits: { overstay: z.object({ plate: z.string(), minutes: z.number() }) },
  capabilities: ['cameras:read', 'events:emit'],
  setup({ config, log }) {
    return {
      consumers: [
        consumer({
          name: 'visits',
          order: 'all',
          async consume(batch, fx) {
            for (const seen of batch.detections) {
              const plate: string = seen.attributes.plate;
              fx.emit('overstay', { plate, minutes: config.graceMinutes });
              // @ts-expect-error no such event
              fx.emit('understay', { plate, minutes: 1 });
              // @ts-expect-error wrong payload
              fx.emit('overstay', { plate: 1, minutes: 1 });
              // @ts-expect-error no such attribute
              void seen.attributes.colour;
            }
          },
          tick: {
            every: '10s',
            run(fx) {
              fx.emit('overstay', { plate: 'x', minutes: fx.now });
            },
          },
        }),
      ],
      routes: [
        route.get('/visits', {
          capability: 'view',
          scope: { camera: 'query.camera_id' },
          query: z.object({ camera_id: z.string().optional(), open: z.stringbool().default(false) }),
          output: z.array(z.object({ plate: z.string() })),
          handle: ({ query, tx }) => {
            const open: boolean = query.open;
            tx.emit('overstay', { plate: 'x', minutes: 1 });
            // @ts-expect-error wrong event
            tx.emit('nope', {});
            return open ? [{ plate: 'a' }] : [];
          },
        }),
        // @ts-expect-error a route without a scope does not compile
        route.get('/unscoped', { capability: 'view', handle: () => {} }),
      ],
      handlers: [
        onEvent('overstay', async (event) => {
          const plate: string = event.payload.plate;
          log.info({ plate }, 'overstay');
        }),
      ],
      jobs: [every('1h', 'forget', async ({ signal }) => void signal)],
    };
  },
});

use(async () => ({ default: parking }), { graceMinutes: 10 });
use(async () => ({ default: parking }));
// @ts-expect-error a number, not text
use(async () => ({ default: parking }), { graceMinutes: '10' });
parking({ graceMinutes: 1 });
// @ts-expect-error a number, not text
parking({ graceMinutes: 'x' });
