/** `setup` returns `handler` for `handlers`, among others. */
import { definePlugin, onEvent } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  // expect: NoSuchContribution<"handler">
  setup: (_ctx) => ({ jobs: [], handler: [onEvent('camera_offline', () => {})] }),
});
