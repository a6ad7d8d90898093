/** `setup` returns `job` for `jobs`, from a block. */
import { definePlugin, every } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  // expect: ^ setup | NoSuchContribution<"job">
  setup(_ctx) {
    return {
      consumers: [],
      job: [every('1h', 'clean', () => {})],
    };
  },
});
