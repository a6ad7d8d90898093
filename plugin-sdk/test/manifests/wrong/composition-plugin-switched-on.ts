/** An override can only switch a plugin off, or give options. */
import { defineConfig } from '@heldar/plugin-sdk';

export default defineConfig({
  // expect: ^ zones | 'true'
  test: { plugins: { zones: true } },
});
