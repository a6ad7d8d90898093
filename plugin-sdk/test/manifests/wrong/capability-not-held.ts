/** `setup` uses what the manifest has no capability for. */
import { definePlugin } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  capabilities: ['events:emit'],
  async setup({ cameras, fetch, service, log }) {
    // expect: ^ cameras | NeedsCapability<"cameras:read">
    log.info({ cameras: cameras.list().length }, 'ready');
    // expect: ^ fetch | NeedsCapability<"http:outbound">
    await fetch('https://example.org');
    // expect: ^ service | NeedsCapability<"services:call">
    service('mail', 'send');
    return {};
  },
});
