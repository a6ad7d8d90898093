/** A job writes a control record, and the manifest declares none. */
import { definePlugin, every } from '@heldar/plugin-sdk';

export default definePlugin({
  name: 'demo',
  setup: (_ctx) => ({
    jobs: [
      every('1h', 'close', ({ tx }) => {
        // expect: 'door' | NoTypesUnderRecords
        tx.record('door', { open: false }, { cameraId: null });
      }),
    ],
  }),
});
