/** Intervals and schedules that are known only when the plugin runs. */
import { definePlugin, every, z } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  config: z.object({ seconds: z.int().default(10), schedule: z.string().default('0 3 * * *') }),
  consumes: ['detection'],
  setup: ({ config }) => ({
    consumers: [
      {
        name: 'count',
        consume() {},
        tick: { every: `${config.seconds}s`, run: (fx) => fx.state.set('at', fx.now) },
      },
    ],
    jobs: [
      every(config.schedule, 'as configured', () => {}),
      every(`${config.seconds}m`, 'as often', () => {}),
      every('30 3 * * 1-5', 'on working days', () => {}),
      every('0 30 3 * * *', 'with seconds', () => {}),
      every('2030-01-01T00:00:00', 'once', () => {}),
    ],
  }),
});
