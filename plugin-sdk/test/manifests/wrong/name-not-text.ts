/** The name is a number. */
import { definePlugin } from '@heldar/plugin-sdk';

export default definePlugin({
  // expect: ^ name | 'number' is not assignable to type 'string'
  name: 7,
  setup: (_ctx) => ({}),
});
