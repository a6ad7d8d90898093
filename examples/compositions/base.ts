/** What the compositions here start from, and what `npm start` runs: the zones plugin, all else by default. */
import { defineConfig, use } from '@heldar/plugin-sdk';

export default defineConfig({
  plugins: [use(() => import('@heldar/plugin-zones'))],
});
