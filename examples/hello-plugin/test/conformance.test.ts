/** Does the smallest plugin pass what any plugin has to pass? */
import { conformance } from '@heldar/kernel/testing/conformance';
import hello from '../src/index.ts';

conformance(hello({ greeting: 'Good day' }), { crashes: 6 });
