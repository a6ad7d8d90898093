/** `setup` reads an option that the schema does not have. */
import { definePlugin, z } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  config: z.object({ graceMinutes: z.number() }),
  setup({ config, log }) {
    // expect: 'graceSeconds'
    log.info({ grace: config.graceSeconds }, 'ready');
    return {};
  },
});
