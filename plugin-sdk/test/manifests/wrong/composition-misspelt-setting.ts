/** A setting that does not exist. */
import { defineConfig } from '@heldar/plugin-sdk';

export default defineConfig({
  // expect: 'site'
  site: 'shop',
});
