/** The composition of the benchmarks: zones, as a site would run them. */
import { defineConfig, use } from '@heldar/plugin-sdk';

export default defineConfig({
  plugins: [use(() => import('@heldar/plugin-zones'))],
  recorder: { enabled: false },
  ai: { enabled: false },
});
