/** A consumer of its own records and of the kernel's, apart from its plugin. */
import { consumer, type ConsumerDefinition, definePlugin, z } from '@heldar/plugin-sdk';

const records = { door_changed: z.object({ open: z.boolean() }) };
const emits = { opened: z.object({ camera: z.string().nullable() }) };
interface Events {
  opened: { camera: string | null };
}
interface Records {
  door_changed: { open: boolean };
}

function doors(): ConsumerDefinition<'*', Events, Records> {
  return consumer({
    name: 'doors',
    consume() {},
    records: {
      door_changed({ cameraId, payload }, fx) {
        if (payload.open) fx.emit('opened', { camera: cameraId }, { severity: 'warning' });
      },
      'camera.deleted': ({ payload }, fx) => fx.state.delete(payload.camera_id),
    },
    tick: { every: '500ms', idle: 'skip', run: (fx) => fx.state.set('now', fx.now) },
  });
}

export default definePlugin({
  name: 'demo',
  consumes: '*',
  emits,
  records,
  setup: (_ctx) => ({ consumers: [doors()] }),
});
