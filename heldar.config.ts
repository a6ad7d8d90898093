/** The composition that `npm start` boots. */
import { defineConfig } from '@heldar/plugin-sdk';

export default defineConfig({
  extends: './examples/compositions/base.ts',
});
