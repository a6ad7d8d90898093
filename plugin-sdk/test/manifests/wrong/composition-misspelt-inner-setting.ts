/** A setting of the API that does not exist. */
import { defineConfig } from '@heldar/plugin-sdk';

export default defineConfig({
  api: {
    // expect: 'hostname'
    hostname: '127.0.0.1',
  },
});
