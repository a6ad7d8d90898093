/** A setting of another type. */
import { defineConfig } from '@heldar/plugin-sdk';

export default defineConfig({
  // expect: ^ port | 'string' is not assignable to type 'number'
  api: { port: '8000' },
});
