/** The manifest says `consume` for `consumes`. */
import { definePlugin } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  // expect: 'consume'
  consume: ['detection'],
  setup: (_ctx) => ({}),
});
