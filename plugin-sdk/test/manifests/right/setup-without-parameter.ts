/** A `setup` that needs nothing. */
import { definePlugin } from '@heldar/plugin-sdk';

export default definePlugin({ name: 'demo', setup: () => ({ services: { ping: async () => 'pong' } }) });
