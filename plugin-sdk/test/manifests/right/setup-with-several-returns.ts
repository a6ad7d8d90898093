/** A `setup` that returns different things, at once or later. */
import { definePlugin, every, z } from '@heldar/plugin-sdk';

export const atOnce = definePlugin({
  name: 'demo',
  config: z.object({ enabled: z.boolean().default(true) }),
  setup({ config, log }) {
    if (!config.enabled) return {};
    log.info('enabled');
    return { jobs: [every('1d', 'rest', () => {})], dispose() {} };
  },
});

export const later = definePlugin({
  name: 'demo',
  config: z.object({ enabled: z.boolean().default(true) }),
  async setup({ config }) {
    if (!config.enabled) return { health: () => ({ ok: true }) };
    return { health: async () => ({ ok: false, detail: 'not yet' }) };
  },
});

export const eitherWay = definePlugin({
  name: 'demo',
  setup: (ctx) => (ctx.signal.aborted ? Promise.resolve({}) : { dispose() {} }),
});
