/** The manifest has no `setup`. */
import { definePlugin } from '@heldar/plugin-sdk';

// expect: 'setup'
export default definePlugin({ name: 'demo', consumes: ['detection'] });
