/** The schedule of a job is neither an interval nor a cron pattern. */
import { definePlugin, every } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  setup: (_ctx) => ({
    // expect: "1 hour" | Schedule
    jobs: [every('1 hour', 'clean', () => {})],
  }),
});
