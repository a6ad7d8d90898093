/** Does the plugin pass what any plugin has to pass? */
import { conformance } from '@heldar/kernel/testing/conformance';
import plugin from '../src/index.ts';

const polygon = [[0.3, 0.2], [0.8, 0.2], [0.8, 0.9], [0.3, 0.9]]; // prettier-ignore

conformance(plugin, {
  // Tracks walk through a zone on each camera: in, long enough to dwell, and out.
  async prepare(host) {
    for (const camera of ['gate', 'yard']) {
      const body = { name: 'Yard', polygon, dwell_seconds: 0.5, config: { confirm_frames: 1 } };
      const { status } = await host.http(`/api/v1/cameras/${camera}/zones`, { method: 'POST', body });
      if (status !== 201) throw new Error(`no zone on ${camera}: ${status}`);
    }
  },
  crashes: 8,
});
