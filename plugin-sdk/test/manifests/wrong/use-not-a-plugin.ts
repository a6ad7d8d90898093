/** The module has something else as its default. */
import { use } from '@heldar/plugin-sdk';

// expect: Plugin
use(async () => ({ default: { name: 'parking' } }));
