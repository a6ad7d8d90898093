/** The manifest has no name. */
import { definePlugin } from '@heldar/plugin-sdk';

// expect: 'name'
export default definePlugin({
  consumes: ['detection'],
  setup: (_ctx) => ({}),
});
