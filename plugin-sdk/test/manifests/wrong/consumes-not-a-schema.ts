/** A task type is mapped to what is no schema. */
import { definePlugin } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  // expect: 'anpr'
  consumes: { anpr: true },
  setup: (_ctx) => ({}),
});
