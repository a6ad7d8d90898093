/** One task type stands for a list. */
import { definePlugin } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  // expect: ^ consumes | Consumes
  consumes: 'detection',
  setup: (_ctx) => ({}),
});
