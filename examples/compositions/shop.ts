/** A shop: a day of zone events is enough, footage of a week, and a word for whoever comes in. */
import { defineConfig, use } from '@heldar/plugin-sdk';

export default defineConfig({
  extends: './base.ts',
  siteId: 'shop',
  cameraDefaults: { retentionHours: 7 * 24, quotaGb: 50 },
  plugins: [
    use(() => import('@heldar/plugin-zones'), { eventRetentionHours: 24 }),
    use(() => import('../hello-plugin/src/index.ts'), { greeting: 'Welcome' }),
  ],
  development: { log: 'debug', plugins: { hello: { greeting: 'Welcome to the test shop' } } },
});
