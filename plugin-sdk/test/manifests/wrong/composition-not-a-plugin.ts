/** An entry that names no plugin. */
import { defineConfig } from '@heldar/plugin-sdk';

export default defineConfig({
  plugins: [
    // expect: 'name' | LazyPlugin
    { name: 'zones' },
  ],
});
