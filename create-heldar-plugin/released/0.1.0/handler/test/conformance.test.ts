/** Does the plugin pass what every plugin has to pass: restarts, duplicates, kills at any point, swaps? */
import { conformance } from '@heldar/kernel/testing/conformance';
import plugin from '../src/index.ts';

conformance(plugin, { crashes: 8 });
