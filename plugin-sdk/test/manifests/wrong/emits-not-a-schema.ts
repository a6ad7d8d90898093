/** The payload of an event is an example instead of a schema. */
import { definePlugin } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  emits: {
    // expect: 'message'
    seen: { message: 'hello' },
  },
  setup: (_ctx) => ({}),
});
