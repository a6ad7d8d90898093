/** A car park: people and cars move slowly, so a few frames a second do; what happened is kept for a month. */
import { defineConfig, use } from '@heldar/plugin-sdk';

export default defineConfig({
  extends: './base.ts',
  siteId: 'car-park',
  ai: { maxTotalFps: 20, defaultFps: 2 },
  retention: { detectionHours: 30 * 24 },
  plugins: [use(() => import('@heldar/example-hello'), { greeting: 'Good day' })],
  production: { plugins: { hello: false, zones: { eventRetentionHours: 30 * 24 } } },
});
