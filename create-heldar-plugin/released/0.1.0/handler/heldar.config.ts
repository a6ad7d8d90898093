/** A site that runs this plugin alone: what `npm run dev` starts. */
import { defineConfig, use } from '@heldar/plugin-sdk';

export default defineConfig({
  plugins: [use(() => import('./src/index.ts'))],
});
